import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'before'], { timeoutMs: 300_000 });
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('set changes the limits of a running sandbox at once', async () => {
  const free = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null';

  await store.expectOk(['set', '--memory', '700m', '--cpus', '0.5', 'before']);
  expect((await store.expectOk(['ssh', 'before', `${free} || true`])).trim()).toBe(String(700 * 2 ** 20));

  await store.expectOk(['restart', 'before']);
  expect((await store.expectOk(['ssh', 'before', `${free} || true`])).trim()).toBe(String(700 * 2 ** 20));
});

test.each([
  [['set', '--memory', '1m', 'before'], 'memory'],
  [['set', '--tag', 'a=b', 'before'], 'tags'],
  [['suspend', 'before'], 'cannot suspend'],
  [['snapshot', 'ls', 'before'], 'cannot make snapshots'],
])('%j is refused by name', async (argv, text) => {
  expect(await store.call(argv)).toMatchObject({ code: 1, stderr: expect.stringContaining(text) });
});

test('rename keeps the machine and its way in, and its certificate has the new name', async () => {
  await store.expectOk(['rename', 'before', 'after']);

  expect(await store.expectOk(['ls', '--quiet'])).toBe('after\n');
  expect(await store.expectOk(['ssh', 'after', 'echo in'])).toBe('in\n');
  expect(await namesOfCertificate('after')).toContain('DNS:after');
  await store.expectOk(['stop', 'after']);
  await store.expectOk(['start', 'after']);
  expect(await store.expectOk(['ps', '-q', '-m', 'after'])).toBe('');
});

async function namesOfCertificate(machine: string): Promise<string> {
  const host = (await store.expectOk(['ip', machine])).trim();
  const read = (file: string) => readFile(`${store.path}/machines/${machine}/${file}`);
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
  const socket = connect({ host, port: 2376, ca, cert, key });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const names = socket.getPeerCertificate().subjectaltname ?? '';
  socket.destroy();
  return names;
}
