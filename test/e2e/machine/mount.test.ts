import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'files'], { timeoutMs: 300_000 });
  await store.expectOk(['ssh', 'files', 'mkdir -p /srv/data && echo there > /srv/data/note']);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('mount shows a directory of the machine here, both ways, until mount -u', async () => {
  const here = join(store.path, 'here');
  await mkdir(here);

  await store.expectOk(['mount', 'files:/srv/data', here]);
  const note = await readFile(join(here, 'note'), 'utf8');
  await writeFile(join(here, 'answer'), 'here\n');
  const answer = await store.expectOk(['ssh', 'files', 'cat /srv/data/answer']);
  await store.expectOk(['mount', '-u', 'files:/srv/data', here]);

  expect([note, answer]).toEqual(['there\n', 'here\n']);
  await expect(readFile(join(here, 'note'), 'utf8')).rejects.toThrow('ENOENT');
});

test('mount says what is wrong: no such directory, nothing mounted, another host at the address', async () => {
  const here = join(store.path, 'elsewhere');
  await mkdir(here);
  const missing = await store.call(['mount', 'files:/nowhere', here]);
  const idle = await store.call(['mount', '-u', 'files:/srv/data', here]);
  await store.expectOk([
    'ssh',
    'files',
    'rm /etc/ssh/ssh_host_*; ssh-keygen -q -A 2>/dev/null; kill -HUP $(pgrep -o -x sshd)',
  ]);
  const foreign = await store.call(['mount', 'files:/srv/data', here]);

  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('No such file or directory') });
  expect(idle).toMatchObject({ code: 1, stderr: expect.stringContaining(here) });
  expect(foreign).toMatchObject({ code: 1, stderr: expect.stringContaining('failed') });
});

test('doctor finds nothing wrong with a machine that works, and tells what it looked at', async () => {
  await store.expectOk(['create', 'well'], { timeoutMs: 300_000 });
  const findings: readonly { subject: string; check: string; state: string }[] = JSON.parse(
    await store.expectOk(['doctor', 'well', '--json']),
  );
  const checks = findings.filter(({ subject }) => subject === 'well').map(({ check }) => check);

  expect(checks).toEqual(
    expect.arrayContaining(['host', 'certificates', 'engine', 'login', 'kernel', 'programs']),
  );
  expect(findings.filter(({ state }) => state === 'failure')).toEqual([]);
});
