import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DirectorySource } from '../../../src/build/sync/directory-source.js';
import { MemorySource } from '../../../src/build/sync/memory-source.js';
import { OutputDirectory } from '../../../src/build/sync/output-directory.js';
import type { SyncedFile, SyncRequest, SyncSource } from '../../../src/build/sync/sync-source.js';
import { goFileMode } from '../../../src/buildkit/go-file-mode.js';
import type { FileStat } from '../../../src/buildkit/wire/session.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsmachine-sync-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function files(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), name);
  }
}

async function filesOf(source: SyncSource, request: Partial<SyncRequest>): Promise<SyncedFile[]> {
  const found: SyncedFile[] = [];
  for await (const file of source.files({ include: [], exclude: [], follow: [], ...request }))
    found.push(file);
  return found;
}

async function told(
  request: Partial<SyncRequest>,
  source: SyncSource = new DirectorySource(root),
): Promise<string[]> {
  return (await filesOf(source, request)).map(({ stat }) => stat.path);
}

test('everything is told, directories first, by the bytes of their names, owned by root', async () => {
  await files('b/c', 'b.txt', 'ä', 'a', '😀', '\uffee');

  expect(await told({})).toEqual(['a', 'b', 'b/c', 'b.txt', 'ä', '\uffee', '😀']);
  const [first] = await filesOf(new DirectorySource(root), { exclude: [] });
  expect(first?.stat).toMatchObject({ uid: 0, gid: 0, size: 1, mode: 0o644 });
});

test.each<[string, Partial<SyncRequest>, readonly string[]]>([
  [
    'excluded is left out, but for what is taken back, with its directories',
    { exclude: ['a', '!a/b/keep'] },
    ['a', 'a/b', 'a/b/keep', 'c', 'c/d', 'e.log'],
  ],
  ['wildcards', { exclude: ['**/*.log', 'c'] }, ['a', 'a/b', 'a/b/keep', 'a/b/x']],
  ['nothing but what is included', { include: ['e.log', 'E.LOG'] }, ['e.log']],
  ['included below, with its directories', { include: ['a/b/keep'] }, ['a', 'a/b', 'a/b/keep']],
  ['followed, with what is below', { follow: ['c', 'nowhere'] }, ['c', 'c/d']],
  ['a wildcard to follow', { follow: ['a/*/k*'] }, ['a', 'a/b', 'a/b/keep']],
  ['all', { follow: ['/'], exclude: ['a'] }, ['c', 'c/d', 'e.log']],
])('%s', async (_, request, expected) => {
  await files('a/b/keep', 'a/b/x', 'c/d', 'e.log');

  expect(await told(request)).toEqual(expected);
});

test('links are followed to what they lead to, inside of the directory', async () => {
  await files('real/file', 'other', 'unused');
  await symlink('real', join(root, 'link'));
  await symlink('/other', join(root, 'absolute'));
  await symlink('../../../other', join(root, 'out'));
  await symlink('loop', join(root, 'loop'));

  expect(await told({ follow: ['link/file'] })).toEqual(['link', 'real', 'real/file']);
  expect(await told({ follow: ['absolute', 'out', 'loop'] })).toEqual(['absolute', 'loop', 'other', 'out']);
});

test('a file with two names is sent once', async () => {
  await files('a');
  await link(join(root, 'a'), join(root, 'b'));
  const found = await filesOf(new DirectorySource(root), { exclude: ['none'] });

  expect(found.map(({ stat }) => [stat.path, stat.linkname, stat.size])).toEqual([
    ['a', '', 1],
    ['b', 'a', 0],
  ]);
});

test('a file in memory is told where it is asked for', async () => {
  const source = new MemorySource('Dockerfile', Buffer.from('FROM x'));

  expect(await told({ include: ['Dockerfile', 'Dockerfile.dockerignore'] }, source)).toEqual(['Dockerfile']);
  expect(await told({ include: ['.dockerignore'] }, source)).toEqual([]);
});

describe('what an engine sends', () => {
  const stat = (path: string, mode = 0o100644, linkname = ''): FileStat => ({
    ...{ path, mode: goFileMode(mode), linkname, size: 0, modTime: 0n, uid: 0, gid: 0 },
    ...{ devmajor: 0, devminor: 0, xattrs: new Map() },
  });

  test.each(['../up', '/etc/passwd', 'a/../../b', 'nowhere/x', '.', '', 'a//b', 'nul\0'])(
    '%j is refused',
    async (path) => {
      const output = await OutputDirectory.open(root);

      await expect(output.tell(stat(path))).rejects.toThrow('no name to be expected');
    },
  );

  test('a link in place of a directory does not lead out', async () => {
    await symlink('/tmp', join(root, 'dir'));
    const output = await OutputDirectory.open(root);
    await output.tell(stat('dir', 0o040755));
    await expect(output.tell(stat('dir', 0o120777, '/tmp'))).rejects.toThrow('no name to be expected');
    await output.tell(stat('link', 0o120777, '/tmp'));
    await expect(output.tell(stat('link/x'))).rejects.toThrow('no name to be expected');

    await output.finish();
  });

  test('a further name must be one of a file that was sent', async () => {
    const output = await OutputDirectory.open(root);
    await output.tell(stat('b', 0o100644, '../../etc/shadow'));

    await expect(output.finish()).rejects.toThrow('no name to be expected');
  });
});
