import { AgentLab } from './support/agent-lab.js';

/** 500 is what is promised; a run of all tests has not the time for them. */
const count = Number(process.env['NETWORK_CONTAINERS'] ?? 50);
const atOnce = 8;
const names = Array.from({ length: count }, (_, index) => `c${index}`);

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
  await docker('network', 'create', '--internal', '--subnet', '10.61.0.0/20', 'many');
}, 60_000);
afterAll(() => lab?.[Symbol.asyncDispose](), 60_000 + count * 1_000);

async function docker(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.slice(0, 4).join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** By the API, without a client for each. */
async function start(name: string): Promise<void> {
  const configuration = {
    ...{ Image: 'busybox', Cmd: ['sleep', '6000'], ExposedPorts: { '80/tcp': {} } },
    HostConfig: { NetworkMode: 'bridge', PortBindings: { '80/tcp': [{ HostPort: '' }] } },
    NetworkingConfig: { EndpointsConfig: { bridge: {}, many: { Aliases: [`alias-${name}`, 'all'] } } },
  };
  await call('POST', `/v1.47/containers/create?name=${name}`, configuration);
  await call('POST', `/containers/${name}/start`);
}

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await lab.request(method, path, body && Buffer.from(JSON.stringify(body)));
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function inTurns(work: (name: string) => Promise<void>): Promise<void> {
  const left = [...names];
  const turn = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) await work(name);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
}

async function hostEnds(): Promise<readonly string[]> {
  return (await lab.inside('ip', '-o', 'link')).match(/tsm[0-9a-f]{12}/g) ?? [];
}

async function openPorts(): Promise<readonly string[]> {
  const rules = await lab.inside('nft', 'list', 'map', 'ip', 'tsmachine', 'tcp_any');
  return [...rules.matchAll(/(\d+) : ([\d.]+) \. 80\b/g)].map(([, port, address]) => `${port} ${address}`);
}

interface Inspected {
  readonly NetworkSettings: {
    readonly Networks: Record<string, { readonly IPAddress: string; readonly EndpointID: string }>;
    readonly Ports: Record<string, readonly { readonly HostPort: string }[]>;
  };
}

test(
  `${count} containers on one network have addresses, ports and names of their own, and leave nothing`,
  async () => {
    await inTurns(start);

    const all: readonly Inspected[] = JSON.parse(await docker('inspect', ...names));
    const settings = all.map(({ NetworkSettings }) => NetworkSettings);
    const endpoints = settings.flatMap(({ Networks }) => Object.values(Networks));
    const addresses = settings.map(({ Networks }) => Networks['many']?.IPAddress ?? '');
    expect(new Set(endpoints.map(({ IPAddress }) => IPAddress)).size).toBe(2 * count);
    expect((await hostEnds()).toSorted()).toEqual(
      endpoints.map(({ EndpointID }) => `tsm${EndpointID.slice(0, 12)}`).toSorted(),
    );
    const published = settings.map(
      ({ Networks, Ports }) => `${Ports['80/tcp']?.[0]?.HostPort} ${Networks['bridge']?.IPAddress}`,
    );
    expect((await openPorts()).toSorted()).toEqual(published.toSorted());

    const questions = names.flatMap((name) => [name, `alias-${name}`]);
    const script = 'for name; do set -- $(nslookup -type=a "$name" | grep -A1 ^Name:); echo "$4"; done';
    const found = (await docker('exec', 'c0', 'sh', '-c', script, 'sh', ...questions)).split('\n');
    expect(found).toEqual(addresses.flatMap((address) => [address, address]));
    const round = await docker('exec', 'c1', 'nslookup', '-type=a', 'all');
    expect([...round.matchAll(/Name:\s+all\s+Address: (\S+)/g)].length).toBeGreaterThan(0);

    await inTurns(async (name) => void (await call('DELETE', `/containers/${name}?force=1&v=1`)));
    expect(await hostEnds()).toEqual([]);
    expect(await openPorts()).toEqual([]);
    expect(JSON.parse(await docker('network', 'inspect', 'many'))).toMatchObject([{ Containers: {} }]);
    await docker('network', 'rm', 'many');
    expect(await lab.inside('ip', '-o', 'link')).not.toContain('tsm-');
  },
  60_000 + count * 2_000,
);
