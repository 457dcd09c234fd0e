import type { PortBinding } from '../../../../src/agent/network/network.js';
import { type Namespace, NetworkLab } from './support/lab.js';
import { RealFirewall } from './support/real-firewall.js';

const web: PortBinding = { protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort: 8080 };

let lab: NetworkLab;
beforeEach(async () => {
  lab = await NetworkLab.start();
  await lab.serve(lab.world, 'world');
});
afterEach(() => lab[Symbol.asyncDispose]());

async function worksBothWays(container: Namespace): Promise<void> {
  expect(await container.fetch(lab.worldAddress)).toBe(`world ${lab.hostAddress}`);
  expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe(`web ${lab.worldAddress}`);
}

async function withoutCounters(command: string): Promise<string> {
  return (await lab.host.output('sh', '-c', command)).replaceAll(/packets \d+ bytes \d+/g, '');
}

async function startWeb() {
  const network = await lab.openNetwork();
  await network.reserve('web', [web]);
  const container = await lab.container();
  await network.connect('web', container);
  await lab.serve(container, 'web');
  return { network, container };
}

test("beside firewalld containers reach the world and are reached, also after its reload; the host's ports stay shut", async () => {
  await using firewall = await RealFirewall.start(lab, 'firewalld');
  await lab.serve(lab.host, 'host');
  const before = await withoutCounters('nft list table inet firewalld');
  const { network, container } = await startWeb();

  await worksBothWays(container);
  expect(await lab.world.fetch(lab.hostAddress)).toBe('');
  expect(await lab.host.fetch('127.0.0.1:8080')).toMatch(/^web /);
  await firewall.call('firewall-cmd', '--reload');
  await network.call('check');
  await worksBothWays(container);
  await network.call('close', { remove: true });
  expect(await withoutCounters('nft list table inet firewalld')).toBe(before);
}, 120_000);

test('beside ufw containers reach the world and are reached, also after its reload, but where its rules forbid it', async () => {
  await using firewall = await RealFirewall.start(lab, 'ufw');
  await lab.serve(lab.host, 'host');
  const { network, container } = await startWeb();

  await worksBothWays(container);
  expect(await lab.world.fetch(lab.hostAddress)).toBe('');
  expect(await lab.host.fetch('127.0.0.1:8080')).toMatch(/^web /);
  await firewall.call('ufw', 'reload');
  await network.call('check');
  await worksBothWays(container);
  await firewall.call('ufw', 'route', 'deny', 'from', lab.worldAddress);
  expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe('');
  expect(await container.fetch(lab.worldAddress)).toBe(`world ${lab.hostAddress}`);
  await network.call('close', { remove: true });
  expect(await lab.host.output('iptables', '-S')).not.toContain('TSMACHINE');
}, 120_000);
