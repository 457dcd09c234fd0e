import { AgentLab } from './support/agent-lab.js';

/** More of them, and other ones, by the environment. */
const rounds = Number(process.env['NETWORK_FAULT_ROUNDS'] ?? 12);
const seed = Number(process.env['NETWORK_FAULT_SEED'] ?? 1);

const networks = ['red', 'green', 'blue'];
const containers = ['one', 'two', 'three'];

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
  for (const [at, name] of networks.entries()) {
    await output('network', 'create', '--internal', '--subnet', `10.60.${at}.0/28`, name);
  }
  for (const name of containers)
    await output('run', '-d', '--name', name, '-p', '80', 'busybox', 'sleep', '6000');
}, 60_000);
afterAll(() => lab?.[Symbol.asyncDispose]());

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Numbers below 1, the same for the same seed (mulberry32). */
function generator(state: number): () => number {
  let at = state;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = generator(seed);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // never empty

/** What users do, several at once; that one refuses because another was faster is as it should be. */
const operations: readonly (() => readonly string[])[] = [
  () => ['network', 'connect', pick(networks), pick(containers)],
  () => ['network', 'connect', pick(networks), pick(containers)],
  () => ['network', 'disconnect', pick(networks), pick(containers)],
  () => ['restart', '-t', '0', pick(containers)],
  () => ['stop', '-t', '0', pick(containers)],
  () => ['start', pick(containers)],
];

/** What others do to the host meanwhile. */
const faults: readonly (() => Promise<unknown>)[] = [
  async () => {},
  () => lab.inside('nft', 'flush', 'ruleset'),
  async () => lab.inside('ip', 'link', 'delete', `tsm-${await idOf(pick(networks))}`).catch(() => {}),
  async () => lab.inside('ip', 'link', 'delete', pick(await hostEnds())).catch(() => {}),
];

test(`state and kernel agree after each of ${rounds} rounds of racing operations, faults and a killed agent`, async () => {
  for (let round = 0; round < rounds; round += 1) {
    const asked = Array.from({ length: 4 }, () => pick(operations)());
    const fault = pick(faults);
    const isKilled = random() < 0.5;
    const racing = asked.map((args) => lab.docker(args));
    await fault();
    if (isKilled) await lab.endAgent('SIGKILL');
    await Promise.all(racing);
    // A link that was deleted under a container comes back with the agent's next start.
    await lab.endAgent('SIGKILL');
    await lab.startAgent();
    await agree(`round ${round} of seed ${seed}: ${asked.map((args) => args.join(' ')).join(', ')}`);
  }
}, 240_000);

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Pid: number };
  readonly NetworkSettings: {
    readonly Networks: Record<string, { readonly IPAddress: string; readonly EndpointID: string }>;
    readonly Ports: Record<string, readonly { readonly HostPort: string }[]>;
  };
}

/** The engine's word, the containers' interfaces, the host's links and the rules. */
async function agree(what: string): Promise<void> {
  const all: readonly Inspected[] = JSON.parse(await output('inspect', ...containers));
  const running = all.filter(({ State }) => State.Running);
  const endpoints = running.flatMap(({ NetworkSettings }) => Object.values(NetworkSettings.Networks));
  const ends = endpoints.map(({ EndpointID }) => `tsm${EndpointID.slice(0, 12)}`);
  expect({ what, ends: (await hostEnds()).toSorted() }).toEqual({ what, ends: ends.toSorted() });
  expect({ what, unique: new Set(endpoints.map(({ IPAddress }) => IPAddress)).size }).toEqual({
    what,
    unique: endpoints.length,
  });
  for (const { Name, NetworkSettings } of running) {
    const inside = await output('exec', Name.slice(1), 'ip', '-4', '-o', 'addr');
    const found = [...inside.matchAll(/eth\d+ +inet ([\d.]+)/g)].map(([, address]) => address);
    const wanted = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
    expect({ what, Name, found: found.toSorted() }).toEqual({ what, Name, found: wanted.toSorted() });
  }
  const rules = await lab.inside('nft', 'list', 'map', 'ip', 'tsmachine', 'tcp_any');
  const open = [...rules.matchAll(/(\d+) : [\d.]+ \. 80\b/g)].map(([, port]) => port);
  const published = running.flatMap(({ NetworkSettings: { Ports } }) =>
    (Ports['80/tcp'] ?? []).slice(0, 1).map(({ HostPort }) => HostPort),
  );
  expect({ what, open: open.toSorted() }).toEqual({ what, open: published.toSorted() });
}

async function hostEnds(): Promise<readonly string[]> {
  return (await lab.inside('ip', '-o', 'link')).match(/tsm[0-9a-f]{12}/g) ?? [];
}

async function idOf(network: string): Promise<string> {
  return (await output('network', 'inspect', '-f', '{{.Id}}', network)).slice(0, 11);
}
