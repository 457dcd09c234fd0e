import type { NetworkSpec, PortBinding } from '../../../../src/agent/network/network.js';
import { containerId, type Driver, type Namespace, NetworkLab } from './support/lab.js';

function tcp(hostPort: number, hostAddress = '', containerPort = 80): PortBinding {
  return { protocol: 'tcp', containerPort, hostAddress, hostPort };
}

async function startContainer(
  lab: NetworkLab,
  network: Driver,
  name: string,
  ports: readonly PortBinding[] = [],
): Promise<Namespace> {
  await network.reserve(name, ports);
  const container = await lab.container();
  await network.connect(name, container);
  await lab.serve(container, name);
  return container;
}

describe('NftNetworks', () => {
  let lab: NetworkLab;
  let network: Driver;

  beforeAll(async () => {
    lab = await NetworkLab.start();
    network = await lab.openNetwork();
    await lab.serve(lab.world, 'world');
    await lab.serve(lab.host, 'host');
  });
  afterAll(async () => lab[Symbol.asyncDispose]());

  test('open() chooses the first of the default pools', async () => {
    const endpoint = await network.reserve('first');

    expect(endpoint).toMatchObject({
      gateway: '172.17.0.1',
      address: '172.17.0.2',
      prefixLength: 16,
      macAddress: '02:42:ac:11:00:02',
      ports: [],
    });
    await network.release('first');
  });

  test('connect() lets a container reach the world from the address of the host', async () => {
    const container = await startContainer(lab, network, 'out');

    expect(await container.fetch(lab.worldAddress)).toBe(`world ${lab.hostAddress}`);
    await network.release('out');
  });

  test('connect() lets two containers reach each other under their own addresses', async () => {
    await startContainer(lab, network, 'one');
    const two = await startContainer(lab, network, 'two');
    const [first, second] = await Promise.all(
      ['one', 'two'].map(async (name) => addressOf(await network.call('endpoint', containerId(name)))),
    );

    expect(await two.fetch(first ?? '')).toBe(`one ${second}`);
    await Promise.all([network.release('one'), network.release('two')]);
  });

  test('connect() opens a port to the world, to the host by any of its addresses, and to containers', async () => {
    const web = await startContainer(lab, network, 'web', [tcp(8080)]);
    const other = await startContainer(lab, network, 'other');

    expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe(`web ${lab.worldAddress}`);
    expect(await lab.host.fetch('127.0.0.1:8080')).toMatch(/^web /);
    expect(await lab.host.fetch(`${lab.hostAddress}:8080`)).toMatch(/^web /);
    expect(await lab.host.fetch('[::1]:8080')).toMatch(/^web /);
    expect(await other.fetch(`${lab.hostAddress}:8080`)).toMatch(/^web /);
    expect(await other.fetch('172.17.0.1:8080')).toMatch(/^web /);
    expect(await web.fetch(`${lab.hostAddress}:8080`)).toMatch(/^web /);
    await Promise.all([network.release('web'), network.release('other')]);
  });

  test('connect() opens a port of one address on that address only', async () => {
    await startContainer(lab, network, 'local', [tcp(8081, '127.0.0.1'), tcp(8082, lab.hostAddress)]);

    expect(await lab.host.fetch('127.0.0.1:8081')).toMatch(/^local /);
    expect(await lab.host.fetch(`${lab.hostAddress}:8081`)).toBe('');
    expect(await lab.world.fetch(`${lab.hostAddress}:8081`)).toBe('');
    expect(await lab.world.fetch(`${lab.hostAddress}:8082`)).toMatch(/^local /);
    expect(await lab.host.fetch('127.0.0.1:8082')).toBe('');
    await network.release('local');
  });

  test('connect() opens a UDP port', async () => {
    const container = await startContainer(lab, network, 'names', [
      { protocol: 'udp', containerPort: 53, hostAddress: '', hostPort: 5353 },
    ]);
    await lab.serveUdp(container, 53);

    expect(await lab.world.echoUdp(lab.hostAddress, 5353)).toBe('echo');
    expect(await lab.host.echoUdp('127.0.0.1', 5353)).toBe('echo');
    await network.release('names');
  });

  test('a client that asks on from the same port finds a container that was opened later, and its successor', async () => {
    const ports: readonly PortBinding[] = [
      { protocol: 'udp', containerPort: 53, hostAddress: '', hostPort: 5454 },
    ];
    const ask = () => lab.world.echoUdp(lab.hostAddress, 5454, 40_000);
    await lab.serveUdp(lab.host, 5455); // so that the host tracks connections before there is a container
    expect(await lab.world.echoUdp(lab.hostAddress, 5455, 40_001)).toBe('echo');
    expect(await ask()).toBe('nothing');

    for (const name of ['first', 'second']) {
      await network.reserve(name, ports);
      const container = await lab.container();
      await network.connect(name, container);
      await lab.serveUdp(container, 53);
      expect(await ask()).toBe('echo');
      await network.release(name);
    }
  });

  test('a published port is taken for the programs of the host, too', async () => {
    await network.reserve('holder', [tcp(8150)]);
    const listen = `require('node:net').createServer().on('error', (e) => console.log(e.code)).listen(8150, () => process.exit())`;

    expect(await lab.host.output(process.execPath, '-e', listen)).toBe('EADDRINUSE\n');
    await network.release('holder');
    expect(await lab.host.output(process.execPath, '-e', listen)).toBe('');
  });

  test('connect() keeps the world from ports that are not published, whatever routes it has', async () => {
    await startContainer(lab, network, 'hidden');
    const address = addressOf(await network.call('endpoint', containerId('hidden')));
    await lab.world.ip(`route add 172.17.0.0/16 via ${lab.hostAddress}`);

    expect(await lab.host.fetch(address)).toMatch(/^hidden /);
    expect(await lab.world.fetch(address)).toBe('');
    await lab.world.ip('route del 172.17.0.0/16');
    await network.release('hidden');
  });

  test('connect() keeps containers from what listens on the loopback of the host', async () => {
    const container = await startContainer(lab, network, 'curious');
    await container.output('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet');
    await container.ip('addr del 127.0.0.1/8 dev lo\nroute add 127.0.0.1/32 via 172.17.0.1 dev eth0');

    expect(await container.fetch('127.0.0.1')).toBe('');
    await network.release('curious');
  });

  test('reserve() reports both families for a port without address, with one free port', async () => {
    const { ports } = await network.reserve('free', [tcp(0)]);

    expect(ports.map((port) => port.hostAddress)).toEqual(['0.0.0.0', '::']);
    expect(ports[0]?.hostPort).toBe(ports[1]?.hostPort);
    expect(ports[0]?.hostPort).toBeGreaterThanOrEqual(49153);
    await network.release('free');
  });

  test('reserve() refuses a port of another container in the words of Docker and holds nothing', async () => {
    await network.reserve('owner', [tcp(8090)]);

    await expect(network.reserve('second', [tcp(8091), tcp(8090)])).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(
        /^driver failed programming external connectivity on endpoint second \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8090 failed: port is already allocated$/,
      ),
    });
    await network.reserve('third', [tcp(8091)]);
    await Promise.all([network.release('owner'), network.release('third')]);
  });

  test('reserve() refuses a port on which a program of the host listens', async () => {
    await expect(network.reserve('clash', [tcp(80)])).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(
        /failed to bind host port for 0\.0\.0\.0:80:[\d.]+:80\/tcp: address already in use$/,
      ),
    });
  });

  test('reserve() takes the next of a range', async () => {
    const range = { ...tcp(8100), lastHostPort: 8101 };

    expect((await network.reserve('a', [range])).ports[0]?.hostPort).toBe(8100);
    expect((await network.reserve('b', [range])).ports[0]?.hostPort).toBe(8101);
    await expect(network.reserve('c', [range])).rejects.toThrow('all ports are allocated');
    await Promise.all([network.release('a'), network.release('b')]);
  });

  test('release() leaves no link, no rule and no open port, and succeeds again', async () => {
    await startContainer(lab, network, 'gone', [tcp(8110)]);
    await network.release('gone');
    await network.release('gone');

    expect(await lab.host.output('ip', 'link')).not.toMatch(/tsm[0-9a-f]{12}/);
    expect(await lab.host.output('nft', 'list', 'ruleset')).not.toContain('8110');
    expect(await lab.host.fetch('[::1]:8110')).toBe('');
    expect(await network.call('endpoint', containerId('gone'))).toBeUndefined();
  });

  test('connect() leaves nothing in the kernel when the process is gone', async () => {
    await network.reserve('dead', [tcp(8120)]);
    const container = await lab.container();
    await container.end();

    await expect(network.connect('dead', container)).rejects.toMatchObject({ code: 'ENDPOINT_FAILED' });
    expect(await lab.host.output('ip', 'link')).not.toMatch(/tsm[0-9a-f]{12}/);
    expect(await lab.host.output('nft', 'list', 'ruleset')).not.toContain('8120');
    await network.release('dead');
  });

  test('connect() and release() set right what somebody flushed or deleted meanwhile', async () => {
    await startContainer(lab, network, 'before', [tcp(8130)]);
    await lab.host.output('nft', 'flush', 'ruleset');
    await startContainer(lab, network, 'after', [tcp(8131)]);

    expect(await lab.world.fetch(`${lab.hostAddress}:8130`)).toMatch(/^before /);
    await lab.host.output('nft', 'flush', 'ruleset');
    await network.release('before');
    expect(await lab.world.fetch(`${lab.hostAddress}:8131`)).toMatch(/^after /);
    await lab.host.output('ip', 'link', 'delete', 'tsmachine0');
    const last = await startContainer(lab, network, 'last');
    expect(await last.fetch(lab.worldAddress)).toBe(`world ${lab.hostAddress}`);
    await Promise.all([network.release('after'), network.release('last')]);
  });

  test('check() brings back rules that somebody flushed', async () => {
    await startContainer(lab, network, 'flushed', [tcp(8140)]);
    await lab.host.output('nft', 'flush', 'ruleset');
    await network.call('check');

    expect(await lab.world.fetch(`${lab.hostAddress}:8140`)).toMatch(/^flushed /);
    await network.release('flushed');
  });

  test('create() refuses a subnet that an interface of the host is in, and leaves nothing', async () => {
    const spec: NetworkSpec = {
      ...{ name: 'clash', driver: 'bridge', blocks: [{ subnet: '192.0.2.0/25' }] },
      ...{ enableIpv4: true, enableIpv6: false },
      ...{ internal: false, attachable: false, options: {}, ipamOptions: {}, labels: {} },
    };

    await expect(network.call('create', spec)).rejects.toMatchObject({ code: 'POOL_OVERLAPS' });
    expect(await lab.host.output('ip', 'link')).not.toContain('tsm-');
  });

  test('many starts at once each get their own address, port and way out', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `many${index}`);
    const containers = await Promise.all(names.map((name) => startContainer(lab, network, name, [tcp(0)])));
    const pages = await Promise.all(containers.map((one) => one.fetch(lab.worldAddress)));
    const endpoints = await Promise.all(names.map((name) => network.call('endpoint', containerId(name))));

    expect(new Set(pages)).toEqual(new Set([`world ${lab.hostAddress}`]));
    expect(new Set(endpoints.map(addressOf)).size).toBe(names.length);
    await Promise.all(names.map((name) => network.release(name)));
    expect(await lab.host.output('ip', 'link')).not.toMatch(/tsm[0-9a-f]{12}/);
  });
});

describe('NftNetworks.restore()', () => {
  test('brings back bridge, links, addresses and ports, and frees what no running container holds', async () => {
    await using lab = await NetworkLab.start();
    const first = await lab.openNetwork();
    const web = await startContainer(lab, first, 'web', [tcp(8080)]);
    await startContainer(lab, first, 'ended', [tcp(8081)]);
    await lab.host.output('nft', 'flush', 'ruleset');
    await lab.host.output('ip', 'link', 'delete', 'tsmachine0');

    const second = await lab.openNetwork([[containerId('web'), web.pid]]);

    expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe(`web ${lab.worldAddress}`);
    expect(await lab.host.fetch('[::1]:8080')).toMatch(/^web /);
    expect(await lab.host.output('nft', 'list', 'ruleset')).not.toContain('8081');
    expect((await lab.host.output('ip', 'link')).match(/tsm[0-9a-f]{12}/g)).toHaveLength(1);
    await expect(second.reserve('clash', [tcp(8080)])).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    expect((await second.reserve('next', [tcp(8081)])).address).not.toBe('172.17.0.2');
  });

  test('makes a link anew that was deleted', async () => {
    await using lab = await NetworkLab.start();
    const first = await lab.openNetwork();
    const web = await startContainer(lab, first, 'web', [tcp(8080)]);
    const link = /tsm[0-9a-f]{12}/.exec(await lab.host.output('ip', 'link'))?.[0] ?? '';
    await lab.host.output('ip', 'link', 'delete', link);

    await lab.openNetwork([[containerId('web'), web.pid]]);

    expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe(`web ${lab.worldAddress}`);
  });

  test('remembers the subnet, though the host has a route to it now', async () => {
    await using lab = await NetworkLab.start();
    await lab.host.ip('route add 172.17.0.0/16 via 192.0.2.2');
    const first = await lab.openNetwork();
    const before = await first.reserve('one');
    await lab.host.ip('route add 172.18.128.0/17 via 192.0.2.2');

    const second = await lab.openNetwork();

    expect(before.gateway).toBe('172.18.0.1');
    expect((await second.reserve('two')).gateway).toBe('172.18.0.1');
  });

  test.each(['iptables-nft', 'iptables-legacy'])(
    'accepts forwarding where %s drops it; close() takes everything out',
    async (iptables) => {
      await using lab = await NetworkLab.start();
      await lab.serve(lab.world, 'world');
      await lab.host.output(iptables, '-P', 'FORWARD', 'DROP');
      const network = await lab.openNetwork();
      const web = await startContainer(lab, network, 'web', [tcp(8080)]);
      await lab.openNetwork([[containerId('web'), web.pid]]);

      expect(await web.fetch(lab.worldAddress)).toBe(`world ${lab.hostAddress}`);
      expect(await lab.world.fetch(`${lab.hostAddress}:8080`)).toBe(`web ${lab.worldAddress}`);
      expect((await lab.host.output(iptables, '-S', 'FORWARD')).match(/tsmachine /g)).toHaveLength(1);

      const last = await lab.openNetwork([[containerId('web'), web.pid]]);
      await last.call('close', { remove: true });

      expect(await lab.host.output('ip', 'link')).not.toContain('tsm');
      expect(await lab.host.output('nft', 'list', 'tables')).not.toContain('tsmachine');
      expect(await lab.host.output(iptables, '-S')).not.toContain('TSMACHINE');
      expect(await lab.host.output(iptables, '-S', 'FORWARD')).toBe('-P FORWARD DROP\n');
    },
  );
});

/** Of the driver's answer to "endpoint". */
function addressOf(endpoint: unknown): string {
  if (typeof endpoint === 'object' && endpoint !== null && 'address' in endpoint)
    return String(endpoint.address);
  throw new Error('no endpoint');
}
