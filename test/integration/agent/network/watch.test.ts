import type { PortBinding } from '../../../../src/agent/network/network.js';
import { exitOf, start } from '../../../../src/shared/spawn.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { type Driver, type Namespace, NetworkLab } from './support/lab.js';

const web: PortBinding = { protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort: 8080 };

let lab: NetworkLab;
let network: Driver;
let container: Namespace;
beforeAll(async () => {
  lab = await NetworkLab.start();
  network = await lab.openNetwork();
  await network.call('watch', { intervalMs: 3_600_000 }); // what is put back was told by the kernel
  await network.reserve('web', [web]);
  container = await lab.container();
  await network.connect('web', container);
  await lab.serve(container, 'web');
}, 180_000);
afterAll(() => lab[Symbol.asyncDispose]());

async function soon(what: string, isDone: () => Promise<boolean>): Promise<void> {
  await waitUntil(async () => (await isDone()) || undefined, { what, timeoutMs: 60_000, intervalMs: 50 });
}

async function isReached(): Promise<boolean> {
  return (await lab.world.fetch(`${lab.hostAddress}:8080`)).startsWith('web ');
}

/** A transaction of two changes. */
async function change(name: string): Promise<void> {
  await lab.host.output('nft', `add table ip ${name}; delete table ip ${name}`);
}

test('rules that somebody flushes, or a part of them, are back at once', async () => {
  await lab.host.output('nft', 'flush', 'ruleset');
  await soon('the flushed rules', isReached);
  await lab.host.output('nft', 'flush', 'chain', 'ip', 'tsmachine', 'publish');
  await soon('the flushed chain', isReached);
}, 180_000);

test("a policy of somebody else's that refuses what is forwarded does not last", async () => {
  await lab.host.output(
    'nft',
    'add table inet other; add chain inet other forward { type filter hook forward priority 0; policy drop; }',
  );
  await soon('the accepts', isReached);
  await lab.host.output('nft', 'flush', 'chain', 'inet', 'other', 'forward');
  await soon('the accepts that were flushed', isReached);
  await lab.host.output('nft', 'delete', 'table', 'inet', 'other');
}, 180_000);

test('a bridge that somebody deletes comes back with its containers, and so does a link', async () => {
  await lab.host.output('ip', 'link', 'delete', 'tsmachine0');
  await soon('the bridge', isReached);
  const [end = ''] = (await lab.host.output('ip', '-o', 'link')).match(/tsm[0-9a-f]{12}/) ?? [];
  await lab.host.output('ip', 'link', 'delete', end);
  await soon('the link', isReached);
}, 180_000);

test('what we change ourselves, and what others change without end, is not answered by changes', async () => {
  const monitor = start(lab.host.argv(['nft', 'monitor']), { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  monitor.stdout?.on('data', (chunk) => (told += chunk));
  const ended = exitOf(monitor, ['nft', 'monitor']);
  try {
    await soon('the monitor', async () => {
      await change('begin');
      return told.includes('begin');
    });
    told = '';
    await lab.host.output(
      'sh',
      '-c',
      'for i in $(seq 50); do nft "add table ip busy; delete table ip busy"; done',
    );
    await network.reserve('other', [{ ...web, hostPort: 8081 }]);
    await network.connect('other', await lab.container());
    await network.call('check');
    await change('end');
    await soon('the end', async () => /table ip end.*new generation/s.test(told));
    expect(told.match(/new generation/g)).toHaveLength(50 + 1 + 1); // one for the port that is published
  } finally {
    monitor.kill('SIGKILL');
    await ended;
  }
}, 180_000);

test('a container that ends, and a network that is removed, leave nothing', async () => {
  await network.release('web');
  await container.end();
  await network.call('close', { remove: true });
  expect(await lab.host.output('ip', 'link')).not.toContain('tsm');
  expect(await lab.host.output('nft', 'list', 'ruleset')).toBe('');
}, 180_000);
