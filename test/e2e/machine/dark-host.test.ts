import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BareHost, startBareHost } from '../../support/bare-host.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// Machines whose host has vanished behind a firewall that drops everything: what asks them ends at one deadline.
const resources = new AsyncDisposableStack();
let store: TestStore;
let host: BareHost;

beforeAll(async () => {
  host = resources.use(await startBareHost());
  store = resources.use(await createTestStore());
  const reach = ['--ssh-host', host.address, '--ssh-user', 'root', '--ssh-key', host.keyFile];
  await store.expectOk(['create', '--driver', 'ssh', ...reach, 'dark-1'], { timeoutMs: 200_000 });
  for (const name of ['dark-2', 'dark-3']) await copyMachine('dark-1', name);
  const rules =
    'table inet test { chain input { type filter hook input priority 0; tcp dport { 22, 2376 } drop; }; }';
  expect(await host.exec(['nft', '-f', '-'], `${rules}\n`)).toMatchObject({ code: 0 });
}, 300_000);
afterAll(() => resources[Symbol.asyncDispose](), 120_000);

/** More than what is not about the deadline: a loaded machine. */
const slack = 15_000;

test.each([
  [['ls', '-t', '2'], 2_000],
  [['ls', '-t', '2', '--filter', 'state=Running'], 2_000],
  [['ls', '-t', '2', '-q', '--filter', 'state=Running'], 2_000],
  [['status', 'dark-1'], 10_000],
  [['version', 'dark-1'], 10_000],
  [['ps', '-m', 'dark-1'], 10_000],
])(
  '%j ends at its deadline, also with three such machines',
  async (args, deadlineMs) => {
    const began = performance.now();

    await store.call(args);

    expect(performance.now() - began).toBeLessThan(deadlineMs + slack);
  },
  60_000,
);

test('ls shows what was last seen, how long ago, and that nobody answers', async () => {
  const rows: readonly unknown[] = JSON.parse(await store.expectOk(['ls', '-t', '1', '--json']));

  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatchObject({ name: 'dark-1', error: expect.stringMatching(/answer/) });
}, 60_000);

test('env, ip and url ask nobody', async () => {
  const began = performance.now();

  for (const command of ['env', 'ip', 'url']) await store.expectOk([command, 'dark-1']);

  expect(performance.now() - began).toBeLessThan(slack);
}, 60_000);

test('what asks the engine says that it cannot be reached', async () => {
  expect(await store.call(['ps', '-m', 'dark-1'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/connect|reach|answer/),
  });
}, 60_000);

test('rm forgets a host that cannot be asked', async () => {
  await store.expectOk(['rm', '-f', 'dark-1', 'dark-2', 'dark-3']);

  expect(await store.expectOk(['ls', '-q'])).toBe('');
}, 90_000);

async function copyMachine(from: string, to: string): Promise<void> {
  const directory = (name: string) => join(store.path, 'machines', name);
  await cp(directory(from), directory(to), { recursive: true });
  const path = join(directory(to), 'config.json');
  const record = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...record, name: to }));
}
