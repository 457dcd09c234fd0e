import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalVolumeStore } from '../../../../src/agent/volume/local-volume-store.js';
import { runOrThrow } from '../../../../src/shared/spawn.js';

describe('LocalVolumeStore.copyUp()', () => {
  let directory: string;
  let store: LocalVolumeStore;
  let root: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tsmachine-volume-'));
    store = new LocalVolumeStore({ root: join(directory, 'volumes') });
    root = join(directory, 'root');
    await shell(`mkdir -p ${root}/srv/data/sub; echo text >${root}/srv/data/sub/file`);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('copies owners, modes, times, links, attributes and the directory itself', async () => {
    const { path } = await store.create({ name: 'data' });
    await shell(`cd ${root}/srv/data
      chown 1234:2345 . sub/file; chmod 2750 .; chmod 4711 sub/file
      ln sub/file hard; ln -s /etc/passwd soft; mknod fifo p; mknod null c 1 3
      setfattr -n user.note -v kept sub/file; touch -d @1000000000 sub/file`);

    await store.copyUp('data', root, '/srv/data');

    const seen = await shell(`cd ${path}; stat -c '%n %u %g %a %F' . sub/file fifo null; readlink soft
      stat -c '%h %Y' hard; stat -c %i hard sub/file | uniq | wc -l; getfattr --only-values -n user.note sub/file`);
    expect(seen).toBe(`. 1234 2345 2750 directory
sub/file 1234 2345 4711 regular file
fifo 0 2345 644 fifo
null 0 2345 644 character special file
/etc/passwd
2 1000000000
1
kept`);
  });

  test('copies owner and mode of an empty directory', async () => {
    const { path } = await store.create({ name: 'empty' });
    await shell(`mkdir ${root}/var; chown 7:8 ${root}/var; chmod 1777 ${root}/var`);

    await store.copyUp('empty', root, '/var');

    expect(await stat(path)).toMatchObject({ uid: 7, gid: 8, mode: 0o41777 });
  });

  test('leaves a volume with content alone', async () => {
    const { path } = await store.create({ name: 'used' });
    await writeFile(join(path, 'mine'), '');

    await store.copyUp('used', root, '/srv/data');

    expect(await readdir(path)).toEqual(['mine']);
  });

  test('does nothing for a path that is missing or is a file', async () => {
    const { path } = await store.create({ name: 'none' });

    await store.copyUp('none', root, '/no/such');
    await store.copyUp('none', root, '/srv/data/sub/file');
    await store.copyUp('none', root, '/srv/data/sub/file/deeper');

    expect(await readdir(path)).toEqual([]);
  });

  test('follows links as the container would, never out of its root', async () => {
    const { path } = await store.create({ name: 'linked' });
    const outside = join(directory, 'outside');
    await shell(`mkdir -p ${outside}; echo secret >${outside}/secret
      ln -s /srv/data ${root}/absolute; ln -s ${outside} ${root}/escape; ln -s ../../../../..${outside} ${root}/dots
      ln -s loop ${root}/loop`);

    await store.copyUp('linked', root, '/escape');
    await store.copyUp('linked', root, '/dots');
    await store.copyUp('linked', root, `../../..${outside}`);
    await store.copyUp('linked', root, '/loop');
    expect(await readdir(path)).toEqual([]);

    await store.copyUp('linked', root, '/absolute');
    expect(await readFile(join(path, 'sub/file'), 'utf8')).toBe('text\n');
  });
});

async function shell(script: string): Promise<string> {
  return (await runOrThrow(['sh', '-ec', script], { timeoutMs: 30_000 })).stdout;
}
