import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { dockerClients } from '../../../support/tsmachine.js';
import { AgentLab } from './support/agent-lab.js';

const clients = (await dockerClients()).map(({ path }) => path);

let lab: AgentLab;
let source: string;
let outputs = 0;

beforeAll(async () => {
  lab = await AgentLab.start();
  source = join(lab.directory, 'source');
  await mkdir(join(source, 'sub'), { recursive: true });
  await writeFile(join(source, 'file'), 'content');
  await writeFile(join(source, 'sub', 'deep'), 'deep');
  await symlink('file', join(source, 'link'));
  await symlink('/etc/passwd', join(source, 'absolute'));
});
afterAll(async () => lab[Symbol.asyncDispose]());

describe.each(clients)('%s', (client) => {
  const docker = (args: readonly string[], input: string | Buffer = '') =>
    lab.docker(args, { client, input });

  async function output(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await docker(args);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  const failure = async (...args: readonly string[]) => (await docker(args)).stderr.trim();
  const fresh = () => join(lab.directory, `out-${outputs++}`);
  const inside = (name: string, script: string) => output('exec', name, 'sh', '-c', script);

  async function container(...options: readonly string[]): Promise<string> {
    return output('run', '-d', '--network', 'none', ...options, 'busybox', 'sleep', '1000');
  }

  describe('cp into a container', () => {
    test('finds the working directory that was asked for before the first start', async () => {
      const id = await output('create', '-w', '/var/made/for it', 'busybox', 'sh', '-c', 'pwd; cat file');

      await output('cp', join(source, 'file'), `${id}:/var/made/for it/`);

      expect(await output('start', '-a', id)).toBe('/var/made/for it\ncontent');
      expect(await failure('create', '-w', '/etc/passwd', 'busybox')).toContain(
        'Cannot mkdir: /etc/passwd is not a directory',
      );
      expect(await failure('create', '-w', '/etc/passwd/below', 'busybox')).toContain(
        'Cannot mkdir: /etc/passwd/below is not a directory',
      );
    });

    test('places a directory below an existing one, its content with "/.", and renames what is not there', async () => {
      const id = await container();

      await output('cp', source, `${id}:/tmp`);
      await output('cp', `${source}/.`, `${id}:/home`);
      await output('cp', source, `${id}:/tmp/new`);
      await output('cp', join(source, 'file'), `${id}:/tmp/renamed`);

      expect(
        await inside(
          id,
          'cat /tmp/source/sub/deep /home/file /tmp/new/file /tmp/renamed; readlink /home/absolute',
        ),
      ).toBe('deepcontentcontentcontent/etc/passwd');
    });

    test('reads an archive from stdin and keeps owners, or takes the user of the container with -a', async () => {
      const id = await container('-u', 'nobody');
      const tar = execFileSync('tar', ['-c', '--owner=123', '--group=45', '-C', source, 'file']);

      await docker(['cp', '-', `${id}:/tmp`], tar);
      await output('cp', '-a', join(source, 'sub'), `${id}:/tmp`);

      expect(await inside(id, 'stat -c %u:%g /tmp/file /tmp/sub/deep')).toBe('123:45\n65534:65534');
    });

    test('resolves links inside the container', async () => {
      const id = await container();
      await inside(id, 'mkdir /target; ln -s /target /tmp/a; ln -s ../../../../../../target /tmp/b');

      await output('cp', join(source, 'file'), `${id}:/tmp/a/one`);
      await output('cp', join(source, 'sub'), `${id}:/tmp/b`);

      expect(await inside(id, 'ls /target')).toBe('one\nsub');
    });

    test('reaches volumes and bind mounts, whether it runs or not', async () => {
      const bind = fresh();
      await mkdir(bind);
      const id = await container('-v', '/volume', '-v', `${bind}:/bind`);
      await output('cp', join(source, 'file'), `${id}:/volume/running`);
      await output('kill', id);

      await output('cp', join(source, 'file'), `${id}:/volume/stopped`);
      await output('cp', join(source, 'file'), `${id}:/bind/stopped`);
      await output('start', id);

      expect(await inside(id, 'ls /volume')).toBe('running\nstopped');
      expect(await readdir(bind)).toEqual(['stopped']);
    });

    test('works in a container that never ran, and leaves nothing mounted', async () => {
      const id = await output(
        'create',
        '--network',
        'none',
        '-v',
        '/volume',
        'busybox',
        'cat',
        '/volume/file',
      );

      await output('cp', join(source, 'file'), `${id}:/volume`);

      expect(await lab.mountsOf(id)).toEqual([]);
      expect(await output('start', '-a', id)).toBe('content');
    });

    test('writes to volumes of a read-only container only', async () => {
      const id = await container('--read-only', '-v', '/volume', '-v', `${source}:/ro:ro`);

      await output('cp', join(source, 'file'), `${id}:/volume/`);

      expect(await failure('cp', join(source, 'file'), `${id}:/tmp`)).toContain(
        'container rootfs is marked read-only',
      );
      expect(await failure('cp', join(source, 'file'), `${id}:/ro/sub`)).toContain(
        'mounted volume is marked read-only',
      );
    });

    test('refuses what is not there, and a file in a directory’s place', async () => {
      const id = await container();
      await inside(id, 'mkdir -p /tmp/file');
      const tar = execFileSync('tar', ['-c', '-C', source, 'file']);
      const put = (query: string) => lab.request('PUT', `/containers/${id}/archive?${query}`, tar);

      expect(await put('path=/no')).toMatchObject({
        status: 404,
        body: { message: `Could not find the file /no in container ${id}` },
      });
      expect(await put('path=/tmp&noOverwriteDirNonDir=true')).toMatchObject({
        status: 400,
        body: { message: 'cannot overwrite directory "/tmp/file" with non-directory "/tmp"' },
      });
      expect(await put('path=/etc/passwd')).toMatchObject({
        status: 400,
        body: { message: 'extraction point is not a directory' },
      });
      expect(await put('')).toMatchObject({ status: 400 });
      expect(await put('path=/tmp')).toMatchObject({ status: 200 });
      expect(await inside(id, 'cat /tmp/file')).toBe('content');
    });
  });

  describe('cp out of a container', () => {
    test('brings large files, links and directories', async () => {
      const id = await container();
      const large = randomBytes(5_000_001);
      await docker(['cp', '-', `${id}:/tmp`], execFileSync('tar', ['-c', '-C', source, '.']));
      await writeFile(join(lab.directory, 'large'), large);
      await output('cp', join(lab.directory, 'large'), `${id}:/tmp/sub/large`);
      const target = fresh();

      await output('cp', `${id}:/tmp`, target);

      expect((await readFile(join(target, 'sub', 'large'))).equals(large)).toBe(true);
      expect(await readlink(join(target, 'link'))).toBe('file');
      expect(await readlink(join(target, 'absolute'))).toBe('/etc/passwd');
    });

    test('copies a link, or with -L what it leads to in the container', async () => {
      const id = await container();
      await output('cp', join(source, 'absolute'), `${id}:/tmp/absolute`);
      const [link, file] = [fresh(), fresh()];

      await output('cp', `${id}:/tmp/absolute`, link);
      await output('cp', '-L', `${id}:/tmp/absolute`, file);

      expect((await lstat(link)).isSymbolicLink()).toBe(true);
      expect(await readFile(file, 'utf8')).toMatch(/^root:x:0:0:root:\/root:\/bin\/sh\nnobody/);
    });

    test('writes an archive to stdout, with the files that Docker mounts', async () => {
      const id = await container('--hostname', 'here');

      const { stdout } = await docker(['cp', `${id}:/etc/hostname`, '-']);

      expect(execFileSync('tar', ['-xO'], { input: Buffer.from(stdout, 'latin1') }).toString()).toBe(
        'here\n',
      );
    });

    test('tells size, mode and target of a path', async () => {
      const id = await container();
      await inside(id, 'mkdir -m 1750 /tmp/d; ln -s d /tmp/l; ln -s nowhere/x /tmp/broken');
      const statOf = async (path: string) => lab.pathStat(id, path);

      expect(await statOf('/tmp/d')).toMatchObject({ name: 'd', mode: 0x80100000 + 0o750, linkTarget: '' });
      expect(await statOf('/tmp/l')).toMatchObject({
        name: 'l',
        mode: 0x8000000 + 0o777,
        linkTarget: '/tmp/d',
      });
      expect(await statOf('/tmp/l/')).toMatchObject({ name: 'l', mode: 0x80100000 + 0o750 });
      expect(await statOf('/tmp/d/.')).toMatchObject({ name: '.' });
      expect(await statOf('/tmp/broken')).toMatchObject({ linkTarget: '/tmp/nowhere/x' });
      expect(await statOf('/')).toMatchObject({ name: '/' });
    });

    test('never leaves a container that moves links under it', async () => {
      const id = await container();
      await inside(id, 'mkdir -p /x/etc; echo inside >/x/etc/hostname; ln -s / /x/link');
      const racing = docker([
        'exec',
        id,
        'sh',
        '-c',
        'for i in $(seq 250); do mv /x/etc /x/was; mv /x/link /x/etc; mv /x/etc /x/link; mv /x/was /x/etc; done',
      ]);
      const host = await readFile('/etc/hostname', 'utf8');
      const seen = new Set<string>();
      for (let round = 0; round < 5; round++) {
        const { code, stdout } = await docker(['cp', `${id}:/x/etc/hostname`, '-']);
        if (code === 0)
          seen.add(execFileSync('tar', ['-xO'], { input: Buffer.from(stdout, 'latin1') }).toString());
      }
      await racing;

      expect(seen).not.toContain(host);
    });
  });

  test('keeps the holes of what is copied in', async () => {
    const sparse = join(lab.directory, 'sparse');
    await writeFile(sparse, 'begin');
    await truncate(sparse, 20 * 1024 * 1024);
    const id = await container();
    const tar = execFileSync('tar', ['-c', '-C', lab.directory, 'sparse'], {
      maxBuffer: 2 ** 26,
    });

    await docker(['cp', '-', `${id}:/tmp`], tar);

    expect((await stat(sparse)).size).toBe(Number(await inside(id, 'stat -c %s /tmp/sparse')));
    expect(Number(await inside(id, 'stat -c %b /tmp/sparse'))).toBeLessThan(4096);
  });

  describe('changes', () => {
    test('diff lists what was added, changed and deleted, but not what the runtime made', async () => {
      const id = await container();
      expect(await output('diff', id)).toBe('');

      await inside(
        id,
        'echo 1 >/tmp/new; rm /bin/yes; rm -r /var; mkdir /var; echo 2 >/var/x; chmod 700 /root',
      );

      expect(await output('diff', id)).toBe(
        ['C /bin', 'D /bin/yes', 'C /root', 'C /tmp', 'A /tmp/new', 'C /var', 'A /var/x'].join('\n'),
      );
    });

    test('commit makes an image of them, with metadata and instructions', async () => {
      const id = await container();
      await inside(
        id,
        'echo 1 >/tmp/new; ln /tmp/new /tmp/hard; rm /bin/yes; rm -r /var; mkdir /var; echo 2 >/var/x',
      );
      const image = `committed:${outputs++}`;

      const digest = await output(
        ...[
          'commit',
          '-a',
          'Ann',
          '-m',
          'a message',
          '-c',
          'CMD ["cat","/tmp/new"]',
          '-c',
          'ENV A=b',
          id,
          image,
        ],
      );

      const shown = JSON.parse(await output('image', 'inspect', image))[0];
      expect(shown).toMatchObject({ Id: digest, Author: 'Ann', Comment: 'a message' });
      expect(shown.Config.Env).toContain('A=b');
      expect(await output('run', '--rm', '--network', 'none', image)).toBe('1');
      expect(
        await output(
          'run',
          '--rm',
          '--network',
          'none',
          image,
          'sh',
          '-c',
          'ls /var /bin/yes; stat -c %h /tmp/hard; true',
        ),
      ).toBe('/var:\nx\n2');
      expect(await output('inspect', '-f', '{{.State.Status}}', id)).toBe('running');
    });

    test('commit of nothing adds no layer, and refuses a bad instruction', async () => {
      const id = await container();
      const layers = async (name: string) =>
        JSON.parse(await output('image', 'inspect', name))[0].RootFS.Layers;

      expect(await layers(await output('commit', id))).toEqual(await layers('busybox'));
      expect(await failure('commit', '-c', 'NOPE x', id)).toContain('nope is not a valid change command');
    });

    test('export writes the whole root', async () => {
      const id = await container('-v', '/volume');
      await inside(id, 'echo 1 >/tmp/new; echo 2 >/volume/not');

      const { stdout } = await docker(['export', id]);

      const names = execFileSync('tar', ['-t'], { input: Buffer.from(stdout, 'latin1') }).toString();
      expect(names).toMatch(/^bin\/busybox$/m);
      expect(names).toMatch(/^tmp\/new$/m);
      expect(names).not.toMatch(/volume\/not/);
    });
  });
});
