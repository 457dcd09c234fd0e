import { AgentLab } from './support/agent-lab.js';
import { type Body, PluginServer } from './support/plugin-server.js';

/**
 * A network driver and an address manager as a third party would write them: a bridge for each network, a veth pair for
 * each container, addresses counted up.
 */
class NetworkDriver {
  readonly #lab: AgentLab;
  readonly #held = new Set<string>();
  readonly #gateways = new Map<unknown, string>();
  #next = 9;

  constructor(lab: AgentLab) {
    this.#lab = lab;
  }

  get heldAddresses(): readonly string[] {
    return [...this.#held];
  }

  async answer(method: string, body: Body): Promise<Body | undefined> {
    const [room = '', verb = ''] = method.split('.');
    if (method === 'Plugin.Activate') return { Implements: ['NetworkDriver', 'IpamDriver'] };
    return room === 'IpamDriver' ? this.#address(verb, body) : this.#network(verb, body);
  }

  async #network(verb: string, body: Body): Promise<Body | undefined> {
    const bridge = `drv${String(body['NetworkID']).slice(0, 8)}`;
    const veth = `v${String(body['EndpointID']).slice(0, 8)}`;
    switch (verb) {
      case 'CreateNetwork': {
        const options = (body['Options'] as Body)['com.docker.network.generic'] as Body;
        if (options['fail'] === 'yes') return { Err: 'no more networks today' };
        const [data] = body['IPv4Data'] as readonly { readonly Gateway: string }[];
        await this.#lab.inside('ip', 'link', 'add', bridge, 'type', 'bridge');
        this.#gateways.set(body['NetworkID'], data?.Gateway.split('/')[0] ?? '');
        await this.#lab.inside('ip', 'addr', 'add', data?.Gateway ?? '', 'dev', bridge);
        await this.#lab.inside('ip', 'link', 'set', bridge, 'up');
        return {};
      }
      case 'DeleteNetwork':
        await this.#lab.inside('ip', 'link', 'del', bridge);
        return {};
      case 'CreateEndpoint':
        return { Interface: { MacAddress: '02:77:00:00:00:01' } };
      case 'Join':
        await this.#lab.inside('ip', 'link', 'add', veth, 'type', 'veth', 'peer', 'name', `${veth}c`);
        await this.#lab.inside('ip', 'link', 'set', veth, 'master', bridge, 'up');
        return {
          InterfaceName: { SrcName: `${veth}c`, DstPrefix: 'wire' },
          Gateway: this.#gateways.get(body['NetworkID']),
          StaticRoutes: [{ Destination: '10.97.0.0/16', RouteType: 1 }],
        };
      case 'DeleteEndpoint':
        await this.#lab.inside('ip', 'link', 'del', veth).catch(() => {}); // it went with the container
        return {};
      case 'Leave':
      case 'GetCapabilities':
        return { Scope: 'local' };
      default:
        return undefined;
    }
  }

  async #address(verb: string, { Address, PoolID }: Body): Promise<Body | undefined> {
    const taken = String(Address || `10.96.0.${this.#next}`);
    switch (verb) {
      case 'GetDefaultAddressSpaces':
        return { LocalDefaultAddressSpace: 'mine', GlobalDefaultAddressSpace: 'ours' };
      case 'RequestPool':
        this.#held.add('pool');
        return {
          PoolID: 'pool',
          Pool: '10.96.0.0/24',
          Data: { 'com.docker.network.gateway': '10.96.0.1/24' },
        };
      case 'ReleasePool':
        this.#held.delete(String(PoolID));
        return {};
      case 'RequestAddress':
        if (this.#held.has(taken)) return { Error: `${taken} is taken` };
        this.#next += 1;
        this.#held.add(taken);
        return { Address: `${taken}/24` };
      case 'ReleaseAddress':
        this.#held.delete(taken);
        return {};
      default:
        return undefined;
    }
  }
}

let lab: AgentLab;
let driver: NetworkDriver;
let server: PluginServer;
let name: string;

beforeAll(async () => {
  lab = await AgentLab.start();
  driver = new NetworkDriver(lab);
  server = await PluginServer.start('tsmnet', (method, body) => driver.answer(method, body));
  name = server.name;
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const sleep = ['busybox', 'sleep', '600'];
const interfaces = async (container: string) =>
  (await output('exec', container, 'ip', '-o', 'link')).match(/\d+: (?!lo)\w+/g)?.length ?? 0;

test("containers join a third party's network, with addresses of its manager, and leave nothing behind", async () => {
  const id = await output(
    'network',
    'create',
    '-d',
    name,
    '--ipam-driver',
    name,
    '-o',
    'speed=high',
    'theirs',
  );
  await output('run', '-d', '--name', 'one', '--network', 'theirs', '-p', '8097:80', ...sleep);
  await output('run', '-d', '--name', 'two', '--network', 'theirs', '--ip', '10.96.0.77', ...sleep);

  expect(await output('exec', 'one', 'ip', '-4', 'addr', 'show', 'wire0')).toContain('10.96.0.9/24');
  expect(await output('exec', 'one', 'ip', 'link', 'show', 'wire0')).toContain('02:77:00:00:00:01');
  const routes = await output('exec', 'one', 'ip', 'route');
  expect(routes).toContain('default via 10.96.0.1 dev wire0');
  expect(routes).toContain('10.97.0.0/16 dev wire0');
  expect(await output('exec', 'one', 'ping', '-c', '1', '-W', '2', '10.96.0.1')).toContain(
    '1 packets received',
  );
  expect(await output('exec', 'one', 'nslookup', 'two')).toContain('10.96.0.77');
  expect(JSON.parse(await output('network', 'inspect', 'theirs'))).toMatchObject([
    {
      Id: id,
      Driver: name,
      IPAM: { Driver: name, Config: [{ Subnet: '10.96.0.0/24', Gateway: '10.96.0.1' }] },
    },
  ]);
  expect(server.of('NetworkDriver.CreateNetwork')).toMatchObject([
    {
      NetworkID: id,
      Options: { 'com.docker.network.generic': { speed: 'high' } },
      IPv4Data: [{ Pool: '10.96.0.0/24' }],
    },
  ]);
  expect(server.of('NetworkDriver.CreateEndpoint')[0]).toMatchObject({
    Interface: { Address: '10.96.0.9/24' },
    Options: { 'com.docker.network.portmap': [{ Port: 80, HostPort: 8097 }] },
  });

  await lab.endAgent('SIGKILL');
  await lab.startAgent();
  await output('network', 'disconnect', 'theirs', 'one');
  expect(await interfaces('one')).toBe(0);
  await output('network', 'connect', 'theirs', 'one');
  expect(await interfaces('one')).toBe(1);
  await output('rm', '-f', 'one', 'two');
  await output('network', 'rm', 'theirs');
  expect(driver.heldAddresses).toEqual([]);
  expect(await lab.inside('ip', '-o', 'link')).not.toMatch(/drv|: v[0-9a-f]{8}/);
  expect(server.of('NetworkDriver.Leave')).toHaveLength(server.of('NetworkDriver.Join').length);
});

test("a driver's refusal is told in its own words, and nothing is kept; our own addresses serve it, too", async () => {
  const refused = await lab.docker(['network', 'create', '-d', name, '-o', 'fail=yes', 'bad']);
  expect(refused.stderr).toContain('NetworkDriver.CreateNetwork: no more networks today');
  expect((await lab.docker(['network', 'inspect', 'bad'])).code).toBe(1);

  await output('network', 'create', '-d', name, '--subnet', '10.98.0.0/24', 'plain');
  expect(await output('run', '--rm', '--network', 'plain', 'busybox', 'ip', '-4', 'addr')).toContain(
    '10.98.0.2/24',
  );
  await output('network', 'rm', 'plain');
});

test('a plugin that is not there, or of another kind, is not found', async () => {
  expect((await lab.docker(['network', 'create', '-d', 'nosuch', 'n'])).stderr).toContain(
    'plugin "nosuch" not found',
  );
  expect((await lab.docker(['network', 'create', '--ipam-driver', 'nosuch', 'n'])).stderr).toContain(
    'plugin "nosuch" not found',
  );
  expect((await lab.docker(['volume', 'create', '-d', name, 'v'])).stderr).toContain(
    `plugin "${name}" not found`,
  );
});
