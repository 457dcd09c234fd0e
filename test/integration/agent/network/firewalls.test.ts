import type { PortBinding } from '../../../../src/agent/network/network.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
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

test("beside libvirt's default network each goes its way, and guests reach containers by published ports only", async () => {
  await using _libvirt = await RealFirewall.start(lab, 'libvirt');
  const guest = await lab.container();
  await lab.host.ip(`link set virbr0 type bridge stp_state 0
link add gveth type veth peer name eth0 netns ${guest.pid}
link set gveth master virbr0 up`);
  await guest.ip(`link set lo up
link set eth0 up
addr add 192.168.122.50/24 dev eth0
route add default via 192.168.122.1`);
  await lab.serve(guest, 'guest');
  await waitUntil(async () => (await guest.fetch(lab.worldAddress)) || undefined, {
    what: "the guest's way out",
    ...{ timeoutMs: 60_000, intervalMs: 50 },
  });
  const before = await lab.host.output('sh', '-c', 'iptables -S; iptables -t nat -S');
  const { network, container } = await startWeb();
  const address = /inet ([\d.]+)/.exec(await container.output('ip', '-4', 'addr', 'show', 'eth0'))?.[1] ?? '';

  await worksBothWays(container);
  expect(await guest.fetch(lab.worldAddress)).toBe(`world ${lab.hostAddress}`);
  expect(await guest.fetch(`${lab.hostAddress}:8080`)).toMatch(/^web /);
  expect(await guest.fetch(address)).toBe('');
  expect(await container.fetch('192.168.122.50')).toBe('');
  await network.call('close', { remove: true });
  expect(await lab.host.output('sh', '-c', 'iptables -S; iptables -t nat -S')).toBe(before);
}, 120_000);
