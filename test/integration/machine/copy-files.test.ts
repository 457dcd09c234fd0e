import { chmod, link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyFiles, parseLocation } from '../../../src/machine/transfer/copy-files.js';
import { runOrThrow } from '../../../src/shared/spawn.js';
import { PinnedHostKey } from '../../../src/ssh/host-keys.js';
import { Ssh2Transport } from '../../../src/ssh/ssh2-transport.js';
import type { SshConnection, SshEndpoint } from '../../../src/ssh/transport.js';
import { type Sshd, startSshd } from '../../support/sshd.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let sshd: Sshd;
/** One for all tests. */
let connection: SshConnection;
let room: Awaited<ReturnType<typeof temporaryDirectory>>;
let users: (string | undefined)[];
/** On this computer, and on the "host", which is the same one behind sshd. */
let here: string;
let there: string;

beforeAll(async () => {
  sshd = await startSshd();
  connection = await connect(sshd.endpoint);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
});
beforeEach(async () => {
  room = await temporaryDirectory();
  users = [];
  here = join(room.path, 'here');
  there = join(room.path, "there's a host");
  await mkdir(here);
  await mkdir(there);
});
afterEach(() => room[Symbol.asyncDispose]());

test('a file goes into a directory or under a new name, there and back, with its mode', async () => {
  await writeFile(join(here, 'a b'), 'content', { mode: 0o640 });

  await copy(join(here, 'a b'), `m:${there}`);
  await copy(`m:${there}/a b`, `m:${there}/again`);
  await copy(`m:${there}/again`, join(here, 'back'));

  expect(await readFile(join(here, 'back'), 'utf8')).toBe('content');
  expect((await stat(join(there, 'again'))).mode & 0o777).toBe(0o640);
  expect((await stat(join(here, 'back'))).mode & 0o777).toBe(0o640);
});

test('a directory travels with all that is in it, links being followed', async () => {
  await makeTree(here);

  await copy(join(here, 'tree'), `m:${there}`);
  await copy(`m:${there}/tree`, `m:${there}/second`);
  await copy(`m:${there}/second`, here);

  for (const path of [join(there, 'tree'), join(there, 'second'), join(here, 'second')]) {
    expect(await listing(path)).toEqual(await listing(join(here, 'tree')));
  }
  expect(await readFile(join(here, 'second', 'to-file'), 'utf8')).toBe('ä');
});

test('a directory goes into one that is there, "." merges into it', async () => {
  await makeTree(here);
  await copy(join(here, 'tree'), `m:${there}`);

  await copy(`m:${there}/tree/.`, here);
  await copy(`${here}/tree/.`, `m:${there}`);

  expect(await readFile(join(here, 'name with ä'), 'utf8')).toBe('ä');
  expect(await readFile(join(there, 'name with ä'), 'utf8')).toBe('ä');
});

test('wildcards are those of the host, and several files need a directory', async () => {
  for (const name of ['x1', 'x2', 'y']) await writeFile(join(there, name), name);

  await copy(`m:${there}/x*`, here, false);

  expect((await readdir(here)).sort()).toEqual(['x1', 'x2']);
  await expect(copy(`m:${there}/x*`, join(here, 'new'), false)).rejects.toThrow('not a directory');
});

test('an existing file is replaced, a shorter one leaving nothing of it', async () => {
  await writeFile(join(here, 'f'), 'short');
  await writeFile(join(there, 'f'), 'much longer than that');

  await copy(join(here, 'f'), `m:${there}/f`);
  await copy(`m:${there}/f`, join(here, 'g'));

  expect(await readFile(join(there, 'f'), 'utf8')).toBe('short');
  expect(await readFile(join(here, 'g'), 'utf8')).toBe('short');
});

test('hard links, empty and large files arrive whole', async () => {
  const big = Buffer.alloc(5_000_001, 'some bytes');
  await mkdir(join(here, 'd'));
  await writeFile(join(here, 'd', 'big'), big);
  await link(join(here, 'd', 'big'), join(here, 'd', 'same'));
  await writeFile(join(here, 'd', 'empty'), '');
  await copy(join(here, 'd'), `m:${there}`);
  await runOrThrow(['ln', '-f', join(there, 'd', 'big'), join(there, 'd', 'same')]);

  await copy(`m:${there}/d`, join(here, 'back'));

  expect((await readFile(join(here, 'back', 'same'))).equals(big)).toBe(true);
  expect((await stat(join(here, 'back', 'empty'))).size).toBe(0);
});

test.each([
  ['m:NOPE', 'HERE', 'm:NOPE": no such file'],
  ['HERE/nope', 'm:THERE', 'nope": no such file'],
  ['HERE/file', 'm:THERE/no/dir', 'no/dir": no such file'],
  ['m:THERE/file', 'HERE/no/dir', 'no/dir": no such file'],
  ['HERE', 'm:THERE', 'is a directory'],
  ['m:THERE', 'HERE', 'is a directory'],
])('from %s to %s is refused', async (from, to, message) => {
  const words = (text: string) => text.replace(/T?HERE/, (word) => (word === 'HERE' ? here : there));
  await writeFile(join(here, 'file'), 'x');
  await writeFile(join(there, 'file'), 'x');

  await expect(copy(words(from), words(to), false)).rejects.toMatchObject({
    code: 'TRANSFER_FAILED',
    message: expect.stringContaining(message),
  });
});

test('what the host says is in the error, when it cannot read or write', async () => {
  await mkdir(join(there, 'd'));
  await symlink('nothing', join(there, 'd', 'broken'));
  await writeFile(join(here, 'f'), Buffer.alloc(3_000_000));

  await expect(copy(`m:${there}/d`, here)).rejects.toThrow(/broken/);
  await expect(copy(join(here, 'f'), 'm:/proc')).rejects.toThrow(/Cannot open|No such file|cannot copy/);
});

test('a link that leads back ends with an error, not never', async () => {
  await mkdir(join(here, 'd'));
  await symlink('..', join(here, 'd', 'up'));

  await expect(copy(join(here, 'd'), `m:${there}`)).rejects.toThrow('leads back');
});

test('a user before the machine is the one that is logged in', async () => {
  await writeFile(join(here, 'f'), '');

  await copy(join(here, 'f'), `root@m:${there}`);

  expect(users).toEqual(['root']);
});

async function copy(from: string, to: string, recursive = true): Promise<void> {
  const run = connection.run.bind(connection);
  const open = connection.open.bind(connection);
  const reporter = { step() {}, info() {}, warn() {}, debug() {} };
  await copyFiles(
    { from: parseLocation(from, 'linux'), to: parseLocation(to, 'linux'), recursive },
    async (_, user) => {
      users.push(user);
      const { lost } = connection;
      const dial = connection.dial.bind(connection);
      return { run, open, dial, lost, [Symbol.asyncDispose]: async () => {} };
    },
    { signal: AbortSignal.timeout(20_000), reporter },
  );
}

function connect(endpoint: SshEndpoint) {
  const anyKey = () => new PinnedHostKey(undefined, async () => {});
  const transport = new Ssh2Transport({ jumpHostKeys: anyKey() });
  return transport.connect(endpoint, { hostKeys: anyKey() });
}

async function makeTree(directory: string): Promise<void> {
  const tree = join(directory, 'tree');
  await mkdir(join(tree, 'sub', 'deep'), { recursive: true });
  await writeFile(join(tree, 'name with ä'), 'ä');
  await writeFile(join(tree, 'sub', '-dash'), 'x');
  await writeFile(join(tree, 'sub', `${'long'.repeat(50)}`), 'y');
  await symlink('name with ä', join(tree, 'to-file'));
  await symlink('sub/deep', join(tree, 'to-directory'));
  await chmod(join(tree, 'sub', '-dash'), 0o755);
}

async function listing(directory: string): Promise<readonly string[]> {
  const { stdout } = await runOrThrow(['find', '-L', '.', '-printf', '%y %m %p\n'], { cwd: directory });
  return stdout.split('\n').sort();
}
