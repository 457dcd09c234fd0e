import { stat } from 'node:fs/promises';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let owner: TestStore;
let other: TestStore;
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  other = resources.use(await createTestStore());
  owner = resources.use(await createTestStore());
  await owner.expectOk(['create', 'web'], { timeoutMs: 300_000 });
}, 320_000);
afterAll(() => resources[Symbol.asyncDispose](), 60_000);

test('a machine that was exported works for somebody else until it is revoked, and all the time for its owner', async () => {
  const file = `${owner.path}/web.tar`;
  await owner.expectOk(['export', '--for', 'alice', 'web', file]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  await other.expectOk(['import', '--name', 'shared', file]);
  expect(await other.expectOk(['ls'])).toMatch(/\nshared +- +ssh +Running +tcp:/);
  expect(await other.expectOk(['ps', '-q', '-m', 'shared'])).toBe('');
  expect(await other.expectOk(['ssh', 'shared', 'echo in'])).toBe('in\n');
  expect((await other.call(['provision', 'shared'])).stderr).toContain('installed by somebody else');

  await owner.expectOk(['provision', 'web']);
  expect(await other.expectOk(['ps', '-q', '-m', 'shared'])).toBe('');

  await owner.expectOk(['revoke', 'web', 'alice']);
  expect((await other.call(['ps', '-q', '-m', 'shared'])).code).toBe(1);
  expect((await other.call(['ssh', 'shared', 'true'])).code).toBe(255);
  expect(await owner.expectOk(['ps', '-q', '-m', 'web'])).toBe('');
  expect(await owner.expectOk(['ssh', 'web', 'echo in'])).toBe('in\n');
  await other.expectOk(['rm', '-y', 'shared']);
  expect(await owner.expectOk(['status', 'web'])).toBe('Running\n');
}, 120_000);

test('a host with the agent of another store is adopted without restarting it, and stays with both', async () => {
  const ip = (await owner.expectOk(['ip', 'web'])).trim();
  const agent = () =>
    owner.expectOk(['ssh', 'web', 'pgrep -f agent.mjs | head -1; hostname; cat /etc/tsmachine/tls/*.pem']);
  const before = await agent();
  const reach = ['--ssh-host', ip, '--ssh-key', `${owner.path}/machines/web/id_ed25519`];

  const plan = await other.expectOk(['adopt', 'mine', '--dry-run', ...reach]);
  expect(plan).toMatch(/^HOST +web.*\nENGINE +our agent on port 2376\nWILL +write/);
  expect(await other.expectOk(['ls', '-q'])).toBe('');
  expect(await agent()).toBe(before);
  await other.expectOk(['adopt', 'mine', '--yes', ...reach]);

  expect(await other.expectOk(['status', 'mine'])).toBe('Running\n');
  expect(await other.expectOk(['ps', '-q', '-m', 'mine'])).toBe('');
  expect(await other.expectOk(['rename', 'mine', 'ours'])).toContain('"ours"');
  expect(await other.expectOk(['ssh', 'ours', 'echo in'])).toBe('in\n');
  expect(await owner.expectOk(['ps', '-q', '-m', 'web'])).toBe('');
  expect(await agent()).toBe(before);
  await owner.expectOk(['provision', 'web']);
  expect(await other.expectOk(['ps', '-q', '-m', 'ours'])).toBe('');
}, 120_000);
