import type { PortBinding } from '../../../../src/agent/network/network.js';
import { containerId, type Driver, type Namespace, NetworkLab } from './support/lab.js';

const web: PortBinding = { protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort: 8080 };

let lab: NetworkLab;
beforeEach(async () => {
  lab = await NetworkLab.start();
  await lab.serve(lab.world, 'world');
});
afterEach(() => lab[Symbol.asyncDispose]());

async function startContainer(
  network: Driver,
  name: string,
  ports: readonly PortBinding[],
): Promise<Namespace> {
  await network.reserve(name, ports);
  const container = await lab.container();
  await network.connect(name, container);
  await lab.serve(container, name);
  return container;
}

async function worksBothWays(container: Namespace): Promise<void> {
  expect(await container.fetch(lab.worldAddress)).toBe(`world ${lab.hostAddress}`);
  expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe(`web ${lab.worldAddress}`);
}

/** How hosts are protected: by an administrator's nftables.conf, by firewalld, by ufw, by iptables-services. */
const firewalls: readonly (readonly [string, readonly string[]])[] = [
  [
    'an nftables chain that drops what is left',
    [
      'nft add table inet admin',
      'nft add chain inet admin forward { type filter hook forward priority 0 ; policy drop ; }',
      'nft add rule inet admin forward ct state invalid drop',
    ],
  ],
  [
    'a chain like that of firewalld, which refuses at its end',
    [
      'nft add table inet firewalld',
      'nft add chain inet firewalld filter_FORWARD { type filter hook forward priority 10 ; policy accept ; }',
      'nft add rule inet firewalld filter_FORWARD ct state established,related accept',
      'nft add rule inet firewalld filter_FORWARD ct state invalid drop',
      'nft add rule inet firewalld filter_FORWARD reject with icmpx admin-prohibited',
    ],
  ],
  [
    'ufw',
    [
      'iptables -P FORWARD DROP',
      'iptables -N ufw-before-forward',
      'iptables -N ufw-reject-forward',
      'iptables -A FORWARD -j ufw-before-forward',
      'iptables -A FORWARD -j ufw-reject-forward',
      'iptables -A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'iptables -A ufw-reject-forward -j REJECT',
    ],
  ],
  [
    'a rule that refuses all that is left',
    ['iptables -A FORWARD -j REJECT --reject-with icmp-host-prohibited'],
  ],
];

test.each(firewalls)(
  'containers reach the world and are reached through %s, and nothing of ours stays in it',
  async (_, commands) => {
    for (const command of commands) await lab.host.output(...command.split(' '));
    const before = await lab.host.output('sh', '-c', 'iptables -S; nft list tables');
    const network = await lab.openNetwork();
    const container = await startContainer(network, 'web', [web]);

    await worksBothWays(container);
    const once = await lab.host.output('nft', 'list', 'ruleset');
    await network.call('check');
    expect(countOurs(await lab.host.output('nft', 'list', 'ruleset'))).toBe(countOurs(once));
    await network.call('close', { remove: true });
    expect(await lab.host.output('sh', '-c', 'iptables -S; nft list tables')).toBe(before);
    expect(await lab.host.output('nft', 'list', 'ruleset')).not.toContain('tsm');
  },
);

test('a firewall that comes later, or puts its refusal before ours, is met by the next check', async () => {
  const network = await lab.openNetwork();
  const container = await startContainer(network, 'web', [web]);
  await lab.host.output('nft', 'add', 'table', 'inet', 'late');
  await lab.host.output(
    'sh',
    '-c',
    "nft 'add chain inet late f { type filter hook forward priority 0; policy drop; }'",
  );
  await lab.host.output('iptables', '-P', 'FORWARD', 'DROP');
  await network.call('check');
  await worksBothWays(container);

  await lab.host.output('iptables', '-I', 'FORWARD', '-j', 'REJECT');
  await lab.host.output('nft', 'insert', 'rule', 'inet', 'late', 'f', 'drop');
  expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe('');
  await network.call('check');
  await worksBothWays(container);
});

test("an administrator's DOCKER-USER rules hold, and Docker Engine's bridge is not opened to our containers", async () => {
  const docker = await lab.container();
  await lab.host.ip(`link add docker0 type bridge
addr add 10.55.0.1/24 dev docker0
link set docker0 up
link add dveth type veth peer name eth0 netns ${docker.pid}
link set dveth master docker0 up`);
  await docker.ip(
    'link set lo up\nlink set eth0 up\naddr add 10.55.0.2/24 dev eth0\nroute add default via 10.55.0.1',
  );
  await lab.serve(docker, 'docker');
  const rules = [
    '-P FORWARD DROP',
    '-N DOCKER-USER',
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    '-A DOCKER-USER -s 192.0.2.99 -j DROP',
  ];
  for (const rule of rules) await lab.host.output('iptables', ...rule.split(' '));
  const network = await lab.openNetwork();
  const container = await startContainer(network, 'web', [web]);

  await worksBothWays(container);
  expect(await container.fetch('10.55.0.2')).toBe('');
  expect(await docker.fetch(`${lab.hostAddress}:8080`)).toMatch(/^web /);
  await lab.world.ip('addr add 192.0.2.99/24 dev eth0\nroute replace 192.0.2.1/32 dev eth0 src 192.0.2.99');
  expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe('');
});

test('without nft, iptables does it all: publish, hairpin, loopback, keep apart, restore, and go', async () => {
  await lab.hideNft();
  await lab.host.output('iptables-legacy', '-P', 'FORWARD', 'DROP');
  const network = await lab.openNetwork();
  const container = await startContainer(network, 'web', [web]);
  const other = await startContainer(network, 'other', []);
  const address = /inet ([\d.]+)/.exec(await container.output('ip', '-4', 'addr', 'show', 'eth0'))?.[1] ?? '';

  await worksBothWays(container);
  expect(await lab.host.fetch('127.0.0.1:8080')).toMatch(/^web /);
  expect(await lab.host.fetch('[::1]:8080')).toMatch(/^web /);
  expect(await container.fetch(`${lab.hostAddress}:8080`)).toMatch(/^web /);
  expect(await other.fetch(address)).toMatch(/^web /);
  await lab.world.ip(`route add 172.17.0.0/16 via ${lab.hostAddress}`);
  expect(await lab.world.fetch(address)).toBe('');
  expect(await lab.host.output('nft', 'list', 'tables')).not.toContain('tsmachine');

  await lab.host.output('iptables-legacy', '-A', 'DOCKER-USER', '-s', lab.worldAddress, '-j', 'DROP');
  await network.call('check');
  expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe('');
  await lab.host.output('iptables-legacy', '-F', 'DOCKER-USER');

  await lab.host.output('iptables-legacy', '-t', 'nat', '-F');
  await network.call('check');
  await worksBothWays(container);
  await network.release('other');
  const second = await lab.openNetwork([[containerId('web'), container.pid]]);
  await worksBothWays(container);
  await second.release('web');
  expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe('');
  await second.call('close', { remove: true });
  expect(await lab.host.output('sh', '-c', 'iptables-legacy-save; ip6tables-legacy-save')).not.toMatch(
    /TSMACHINE|DOCKER-USER/,
  );
});

function countOurs(ruleset: string): number {
  return ruleset.match(/tsm\*|TSMACHINE/g)?.length ?? 0;
}
