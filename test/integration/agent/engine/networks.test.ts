import { dockerClients } from '../../../support/tsmachine.js';
import { AgentLab } from './support/agent-lab.js';

const clients = (await dockerClients()).map(({ path }) => path);

let lab: AgentLab;

beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());
afterEach(async () => {
  const { stdout } = await lab.docker(['ps', '-aq']);
  const ids = stdout.split('\n').filter(Boolean);
  if (ids.length > 0) await lab.docker(['rm', '-f', ...ids]);
  await lab.docker(['network', 'prune', '-f']);
});

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await lab.docker(args);
  expect(code).not.toBe(0);
  return stderr.trim();
}

/** Names are on both sides of the separator that busybox and docker share. */
const sleep = ['busybox', 'sleep', '600'];

describe.each(clients)('docker network with %s', (client) => {
  const docker = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.docker(args, { client });
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };

  test('create, ls, inspect and rm', async () => {
    const id = await docker('network', 'create', '--subnet', '10.77.0.0/24', '--label', 'a=b', 'mine');

    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await docker('network', 'ls', '--format', '{{.Name}} {{.Driver}}')).toBe(
      'bridge bridge\nhost host\nmine bridge\nnone null',
    );
    expect(await docker('network', 'ls', '-q', '-f', 'label=a=b', '--no-trunc')).toBe(id);
    expect(JSON.parse(await docker('network', 'inspect', 'mine'))).toMatchObject([
      { Id: id, IPAM: { Config: [{ Subnet: '10.77.0.0/24', Gateway: '10.77.0.1' }] }, Labels: { a: 'b' } },
    ]);
    expect(await docker('network', 'rm', id.slice(0, 12))).toBe(id.slice(0, 12));
    expect(await lab.inside('ip', 'link')).not.toContain(`tsm-${id.slice(0, 11)}`);
  });

  test('run with a network, a static address, an alias and a MAC address', async () => {
    await docker('network', 'create', '--subnet', '10.78.0.0/24', 'mine');
    const options = ['--network', 'mine', '--ip', '10.78.0.9', '--network-alias', 'web'];
    await docker('run', '-d', '--name', 'one', ...options, '--mac-address', '02:11:22:33:44:55', ...sleep);

    const [inspected] = JSON.parse(await docker('inspect', 'one'));
    expect(inspected.NetworkSettings.Networks.mine).toMatchObject({
      IPAddress: '10.78.0.9',
      MacAddress: '02:11:22:33:44:55',
      IPAMConfig: { IPv4Address: '10.78.0.9' },
      Gateway: '10.78.0.1',
    });
    expect(inspected.NetworkSettings.Networks.mine.Aliases).toContain('web');
    expect(await docker('exec', 'one', 'ip', '-4', 'addr', 'show', 'eth0')).toContain('10.78.0.9/24');
    const [network] = JSON.parse(await docker('network', 'inspect', 'mine'));
    expect(Object.values(network.Containers)).toMatchObject([{ Name: 'one', IPv4Address: '10.78.0.9/24' }]);
  });
});

describe('networks', () => {
  test('connect() and disconnect() act on what runs; ports and the way out move to the network that is left', async () => {
    await output('network', 'create', '--subnet', '10.80.0.0/24', 'a');
    await output('network', 'create', '--subnet', '10.81.0.0/24', 'b');
    const serve = ['sh', '-c', 'echo hi >/index.html; httpd -f -p 80 -h /'];
    await output('run', '-d', '--name', 'web', '--network', 'a', '-p', '8080:80', 'busybox', ...serve);

    await output('network', 'connect', '--ip', '10.81.0.7', 'b', 'web');
    expect(await output('exec', 'web', 'ip', 'route')).toMatch(/default via 10\.80\.0\.1 dev eth0/);
    expect(await output('exec', 'web', 'ip', '-4', 'addr', 'show', 'eth1')).toContain('10.81.0.7/24');
    await output('network', 'disconnect', 'a', 'web');

    expect(await output('exec', 'web', 'ip', 'route')).toMatch(/default via 10\.81\.0\.1 dev eth1/);
    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://127.0.0.1:8080/')).toBe('hi\n');
    await output('network', 'disconnect', 'b', 'web');
    expect(await output('exec', 'web', 'ip', '-o', 'link')).not.toContain('eth');
    await output('restart', '-t', '0', 'web');
    expect(await output('inspect', '-f', '{{len .NetworkSettings.Networks}}', 'web')).toBe('0');
    await output('network', 'connect', 'b', 'web');
    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://127.0.0.1:8080/')).toBe('hi\n');
  });

  test('a container that is only made takes its networks at its start', async () => {
    await output('network', 'create', 'a');
    await output('create', '--name', 'one', '--network', 'a', ...sleep);
    await output('network', 'connect', 'bridge', 'one');
    await output('start', 'one');

    expect((await output('exec', 'one', 'ip', '-o', 'link')).match(/eth\d/g)).toEqual(['eth0', 'eth1']);
    expect(await refusal('network', 'connect', 'a', 'one')).toContain(
      'endpoint with name one already exists in network a',
    );
    expect(await refusal('network', 'rm', 'a')).toContain('network a has active endpoints (name:"one" id:"');
    await output('stop', '-t', '0', 'one');
    await output('network', 'rm', 'a');
    expect(await refusal('start', 'one')).toContain('network a not found');
  });

  test('networks are kept apart, an internal one from the world, and without icc containers from each other', async () => {
    await output('network', 'create', '--subnet', '10.82.0.0/24', 'a');
    await output('network', 'create', '--subnet', '10.83.0.0/24', '--internal', 'inner');
    const noIcc = ['-o', 'com.docker.network.bridge.enable_icc=false'];
    await output('network', 'create', '--subnet', '10.84.0.0/24', ...noIcc, 'lonely');
    for (const [name, network, address] of [
      ['a1', 'a', '10.82.0.5'],
      ['a2', 'a', '10.82.0.6'],
      ['i1', 'inner', '10.83.0.5'],
      ['i2', 'inner', '10.83.0.6'],
      ['l1', 'lonely', '10.84.0.5'],
      ['l2', 'lonely', '10.84.0.6'],
    ] as const) {
      await output('run', '-d', '--name', name, '--network', network, '--ip', address, ...sleep);
    }
    const reaches = async (from: string, to: string) =>
      (await lab.docker(['exec', from, 'ping', '-c', '1', '-W', '1', to])).code === 0;

    expect(
      await Promise.all([
        reaches('a1', '10.82.0.6'),
        reaches('i1', '10.83.0.6'),
        reaches('a1', '10.83.0.5'),
        reaches('a1', '10.84.0.5'),
        reaches('i1', '10.82.0.5'),
        reaches('l1', '10.84.0.6'),
        reaches('l1', '10.84.0.1'),
      ]),
    ).toEqual([true, true, false, false, false, false, true]);
    expect(await output('exec', 'i1', 'ip', 'route')).not.toContain('default');
  });

  test('a network with IPv6 gives both addresses, and publishes on both', async () => {
    await output('network', 'create', '--ipv6', '--subnet', 'fd00:77::/64', 'dual');
    const serve = ['sh', '-c', 'echo six >/index.html; httpd -f -p 80 -h /'];
    const options = ['--network', 'dual', '--ip6', 'fd00:77::9', '-p', '8086:80'];
    await output('run', '-d', '--name', 'web', ...options, 'busybox', ...serve);

    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://[fd00:77::9]/')).toBe('six\n');
    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://[fd00:77::1]:8086/')).toBe('six\n');
    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://[::1]:8086/')).toBe('six\n');
    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://127.0.0.1:8086/')).toBe('six\n');
  });

  test.each([
    [['create', 'bridge'], 'operation is not permitted on predefined bridge network'],
    [['rm', 'bridge'], 'bridge is a pre-defined network and cannot be removed'],
    [['inspect', 'nosuch'], 'network nosuch not found'],
    [['create', '-d', 'nosuch', 'n'], 'plugin "nosuch" not found'],
    [['create', '--subnet', '10.9.0.0/33', 'n'], 'invalid CIDR address: 10.9.0.0/33'],
    [['create', '-d', 'overlay', 'n'], 'network driver overlay is not supported by this engine'],
    [['create', '-o', 'com.docker.network.driver.mtu=x', 'n'], 'invalid MTU number: x'],
    [['create', '-d', 'ipvlan', '-o', 'parent=lo', 'n'], 'network driver ipvlan cannot be used on this host'],
  ])('%j is refused: %s', async (args, words) => {
    expect(await refusal('network', ...args)).toContain(words);
  });

  test('a name and a subnet are had once', async () => {
    await output('network', 'create', '--subnet', '10.85.0.0/16', 'a');

    expect(await refusal('network', 'create', 'a')).toContain('network with name a already exists');
    expect(await refusal('network', 'create', '--subnet', '10.85.3.0/24', 'b')).toContain(
      'Pool overlaps with other one on this address space',
    );
  });

  test('an address is had once, and a full network says so', async () => {
    await output('network', 'create', '--subnet', '10.86.0.0/30', 'small');
    const run = ['run', '-d', '--network', 'small'];
    await output(...run, '--ip', '10.86.0.2', ...sleep);

    expect(await refusal(...run, '--ip', '10.86.0.2', ...sleep)).toContain('Address already in use');
    expect(await refusal(...run, ...sleep)).toContain('no available IPv4 addresses');
  });

  test('macvlan gives an address on the network of its parent', async () => {
    await lab.inside('ip', 'link', 'add', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1');
    await lab.inside('ip', 'link', 'set', 'wire0', 'up');
    await lab.inside('ip', 'link', 'set', 'wire1', 'up');
    await lab.inside('ip', 'addr', 'add', '10.87.0.1/24', 'dev', 'wire1');
    const subnet = ['--subnet', '10.87.0.0/24', '--gateway', '10.87.0.1'];
    await output('network', 'create', '-d', 'macvlan', '-o', 'parent=wire0', ...subnet, 'wire');
    const ping = ['ping', '-c', '1', '-W', '2', '10.87.0.1'];

    expect(await output('run', '--rm', '--network', 'wire', 'busybox', ...ping)).toContain(
      '1 packets received',
    );
    await output('network', 'rm', 'wire');
    await lab.inside('ip', 'link', 'delete', 'wire0');
  });

  test('networks, static addresses and ports outlive the agent, and what was deleted meanwhile comes back', async () => {
    await output('network', 'create', '--subnet', '10.88.0.0/24', 'a');
    const serve = ['sh', '-c', 'echo back >/index.html; httpd -f -p 80 -h /'];
    const options = ['--network', 'a', '--ip', '10.88.0.8', '-p', '8088:80'];
    await output('run', '-d', '--name', 'web', ...options, 'busybox', ...serve);
    const id = await output('network', 'inspect', '-f', '{{.Id}}', 'a');
    await lab.endAgent('SIGKILL');
    await lab.inside('nft', 'flush', 'ruleset');
    await lab.inside('ip', 'link', 'delete', `tsm-${id.slice(0, 11)}`);
    await lab.inside('ip', 'link', 'add', 'tsm-00000000000', 'type', 'bridge');
    await lab.startAgent();

    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://127.0.0.1:8088/')).toBe('back\n');
    expect(await lab.inside('busybox', 'wget', '-qO-', 'http://10.88.0.8/')).toBe('back\n');
    expect(await lab.inside('ip', 'link')).not.toContain('tsm-00000000000');
  });

  test('connect and disconnect race with stop and start, and leave what inspect says', async () => {
    await output('network', 'create', 'a');
    await output('run', '-d', '--name', 'one', ...sleep);
    const tries = Array.from({ length: 4 }, () => [
      lab.docker(['network', 'connect', 'a', 'one']),
      lab.docker(['restart', '-t', '0', 'one']),
      lab.docker(['network', 'disconnect', 'a', 'one']),
    ]);
    await Promise.all(tries.flat());

    const networks = await output('inspect', '-f', '{{len .NetworkSettings.Networks}}', 'one');
    const links = (await output('exec', 'one', 'ip', '-o', 'link')).match(/eth\d/g) ?? [];
    expect(links).toHaveLength(Number(networks));
    expect((await lab.inside('ip', '-o', 'link')).match(/tsm[0-9a-f]{12}/g) ?? []).toHaveLength(links.length);
  });

  test('events tell of networks as they come, are joined, left and go', async () => {
    const since = String(Date.now() / 1000);
    await output('network', 'create', 'a');
    await output('run', '-d', '--name', 'one', ...sleep);
    await output('network', 'connect', 'a', 'one');
    await output('network', 'disconnect', 'a', 'one');
    await output('network', 'rm', 'a');
    const until = String(Date.now() / 1000 + 0.001);
    const format = '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}}';
    const filter = ['--since', since, '--until', until, '-f', 'type=network', '--format', format];

    expect((await output('events', ...filter)).split('\n')).toEqual([
      'create a bridge',
      'connect bridge bridge',
      'connect a bridge',
      'disconnect a bridge',
      'destroy a bridge',
    ]);
  });
});
