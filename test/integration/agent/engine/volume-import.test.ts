import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

const mebibyte = 1024 * 1024;

let lab: AgentLab;
let tar: Buffer;
beforeAll(async () => {
  lab = await AgentLab.start({}, '48m');
  tar = await bigTar();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** What is larger than the lab's disk. */
async function bigTar(): Promise<Buffer> {
  const tree = join(lab.directory, 'big');
  await mkdir(tree);
  for (let at = 0; at < 6; at += 1) await writeFile(join(tree, `f${at}`), randomBytes(10 * mebibyte));
  return execFileSync('tar', ['-c', '-C', tree, '.'], { maxBuffer: 100 * mebibyte });
}

function importing(name: string): ClientRequest {
  const path = `/tsmachine/volumes/${name}/archive?create=1&whole=1`;
  const outgoing = request({ socketPath: lab.socket, method: 'PUT', path });
  outgoing.on('error', () => {}); // it is cut off
  return outgoing;
}

async function imported(
  name: string,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const outgoing = importing(name);
  createReadStream(path).pipe(outgoing);
  const [answer] = await once(outgoing, 'response');
  const chunks: Buffer[] = await answer.toArray();
  return { status: answer.statusCode, text: Buffer.concat(chunks).toString() };
}

/** Sends the beginning of the archive and waits until some of it has been unpacked. */
async function begun(name: string): Promise<ClientRequest> {
  const outgoing = importing(name);
  outgoing.write(tar.subarray(0, 15 * mebibyte));
  await until('a file is there', async () => (await drafts()).some((path) => /\/f\d$/.test(path)));
  return outgoing;
}

/** Paths of what is in the store of volumes and is no volume yet. */
async function drafts(): Promise<readonly string[]> {
  const paths = await readdir(join(lab.data, 'volumes'), { recursive: true }).catch(() => []);
  return paths.filter((path) => path.startsWith('.'));
}

async function volumes(): Promise<string> {
  return (await lab.docker(['volume', 'ls', '-q'])).stdout;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await waitUntil(async () => (await isSo()) || undefined, { what, timeoutMs: 60_000, intervalMs: 50 });
}

test('an import whose client goes leaves nothing', async () => {
  const outgoing = await begun('gone');
  expect(await volumes()).toBe('');
  outgoing.destroy();
  await until('the draft has gone', async () => (await drafts()).length === 0);
  expect(await volumes()).toBe('');
}, 120_000);

test('an import whose agent is killed leaves nothing', async () => {
  const outgoing = await begun('killed');
  await lab.endAgent('SIGKILL');
  outgoing.destroy();
  await lab.startAgent();
  expect(await volumes()).toBe('');
  expect(await drafts()).toEqual([]);
}, 120_000);

test('an import that the disk has no room for says so and leaves nothing', async () => {
  const path = join(lab.directory, 'big.tar');
  await writeFile(path, tar);
  const { status, text } = await imported('full', path);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(text).toMatch(/no space left on device/i);
  expect(await volumes()).toBe('');
  expect(await drafts()).toEqual([]);
}, 120_000);

test('an archive that is damaged, or cut off, leaves nothing', async () => {
  const path = join(lab.directory, 'cut.tar');
  await writeFile(path, tar.subarray(0, 12 * mebibyte));
  expect((await imported('cut', path)).status).toBeGreaterThanOrEqual(400);
  expect(await volumes()).toBe('');
  expect(await drafts()).toEqual([]);
}, 120_000);

test('holes, capabilities, hard links, devices and every name arrive, and come back', async () => {
  const tree = join(lab.directory, 'tree');
  await mkdir(tree);
  const script = `truncate -s 20M sparse; printf end | dd of=sparse bs=1 seek=10000000 conv=notrunc status=none
    echo program >capable; setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 capable
    setfattr -n user.binary -v 0x00ff00 capable; ln capable second; mkfifo pipe; mknod null c 1 3
    echo a >$(printf 'n\\303\\244\\377'); echo b >$(printf '%0255d' 7); mkdir -p $(printf '%0200d/' 1 2 3); echo c >$(printf '%0200d/' 1 2 3)deep`;
  execFileSync('bash', ['-ec', script], { cwd: tree });
  const path = join(lab.directory, 'all.tar');
  const options = ['--format=pax', '--sparse', '--xattrs', '--xattrs-include=*'];
  execFileSync('tar', [...options, '-cf', path, '-C', tree, '.']);

  expect(await imported('all', path)).toMatchObject({ status: 200 });
  const directory = join(lab.data, 'volumes', 'all', '_data');
  const seen = (where: string) =>
    execFileSync(
      'sh',
      [
        '-c',
        `find . -type d -printf '%P %m %T@\\n' -o -printf '%P %y %m %s %n %T@\\n' | sort; getfattr -dm - -e hex capable`,
      ],
      {
        cwd: where,
        encoding: 'latin1',
      },
    );
  expect(seen(directory)).toBe(seen(tree));
  expect((await stat(join(directory, 'sparse'))).blocks * 512).toBeLessThan(mebibyte);
  const at = ['skip=10000000', 'count=3', 'bs=1', 'status=none'];
  expect(execFileSync('dd', ['if=sparse', ...at], { cwd: directory }).toString()).toBe('end');
  const back = join(lab.directory, 'back');
  await mkdir(back);
  const { socket } = lab;
  const fetched = ['curl', '-sf', '--unix-socket', socket, 'http://agent/tsmachine/volumes/all/archive'];
  execFileSync('sh', ['-c', `"$@" | tar -x --xattrs --xattrs-include='*' -C "$0"`, back, ...fetched]);
  expect(seen(back)).toBe(seen(tree));
  expect((await lab.docker(['volume', 'rm', 'all'])).code).toBe(0);
}, 120_000);
