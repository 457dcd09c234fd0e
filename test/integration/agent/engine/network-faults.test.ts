import { isDeepStrictEqual } from 'node:util';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

/** More of them, and other ones, by the environment. */
const rounds = Number(process.env['NETWORK_FAULT_ROUNDS'] ?? 12);
const seed = Number(process.env['NETWORK_FAULT_SEED'] ?? 1);

const networks = ['red', 'green', 'blue'];
const containers = ['one', 'two', 'three', 'four'];

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
  for (const [at, name] of networks.entries()) {
    await output('network', 'create', '--internal', '--subnet', `10.60.${at}.0/28`, name);
  }
  for (const name of containers) await output(...running(name));
}, 60_000);
afterAll(() => lab?.[Symbol.asyncDispose]());

function running(name: string): readonly string[] {
  return ['run', '-d', '--name', name, '-p', '80', 'busybox', 'sleep', '6000'];
}

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
  () => ['rename', pick(containers), pick(containers)],
  () => ['rename', pick(containers), 'spare'],
  () => ['rename', 'spare', pick(containers)],
  () => ['rm', '-f', pick(containers)],
  () => running(pick(containers)),
];

/** What others do to the host meanwhile. */
const faults: readonly (() => Promise<unknown>)[] = [
  async () => {},
  () => lab.inside('nft', 'flush', 'ruleset'),
  async () => lab.inside('ip', 'link', 'delete', `tsm-${await idOf(pick(networks))}`).catch(() => {}),
  async () => lab.inside('ip', 'link', 'delete', pick(await endNames())).catch(() => {}),
];

test(
  `state and kernel agree after each of ${rounds} rounds of racing operations, faults and a killed agent`,
  async () => {
    for (let round = 0; round < rounds; round += 1) {
      const asked = Array.from({ length: 5 }, () => pick(operations)());
      const fault = pick(faults);
      const isKilled = random() < 0.5;
      const racing = asked.map((args) => lab.docker(args));
      await fault();
      if (isKilled) await lab.endAgent('SIGKILL');
      await Promise.all(racing);
      if (isKilled) await lab.startAgent();
      await agree(`round ${round} of seed ${seed}: ${asked.map((args) => args.join(' ')).join(', ')}`);
    }
  },
  60_000 + rounds * 20_000,
);

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Pid: number };
  readonly NetworkSettings: {
    readonly Networks: Record<string, { readonly IPAddress: string; readonly EndpointID: string }>;
    readonly Ports: Record<string, readonly { readonly HostPort: string }[]>;
  };
}

/** What has been flushed or deleted comes back at once, if not before an operation is answered. */
async function agree(what: string): Promise<void> {
  let views = await look();
  const isEqual = async () => {
    views = await look();
    return isDeepStrictEqual(views.kernel, views.engine) || undefined;
  };
  await waitUntil(isEqual, { what, timeoutMs: 60_000, intervalMs: 100 }).catch(() => {});
  expect({ what, ...views.kernel }).toEqual({ what, ...views.engine });
}

interface View {
  /** The host's ends of links, and the bridges that they are on. */
  readonly ends: readonly string[];
  /** Of each container. */
  readonly addresses: readonly string[];
  /** Published, with the addresses that they lead to. */
  readonly ports: readonly string[];
}

/** What the engine says, and what the kernel has: links, the containers' interfaces, the rules. */
async function look(): Promise<{ readonly engine: View; readonly kernel: View }> {
  const ids = (await output('ps', '-q')).split('\n').filter(Boolean);
  const running: readonly Inspected[] = ids.length > 0 ? JSON.parse(await output('inspect', ...ids)) : [];
  const endpoints = running.flatMap(({ NetworkSettings }) => Object.entries(NetworkSettings.Networks));
  const bridges = await bridgeNames();
  const inside = await Promise.all(running.map(({ Id }) => output('exec', Id, 'ip', '-4', '-o', 'addr')));
  const published = running.flatMap(({ NetworkSettings: { Ports, Networks } }) =>
    (Ports['80/tcp'] ?? []).slice(0, 1).map(({ HostPort }) => `${HostPort} ${Networks['bridge']?.IPAddress}`),
  );
  const rules = await lab.inside('nft', 'list', 'map', 'ip', 'tsmachine', 'tcp_any').catch(() => '');
  return {
    engine: {
      ends: endpoints
        .map(([name, { EndpointID }]) => `tsm${EndpointID.slice(0, 12)} ${bridges.get(name)}`)
        .toSorted(),
      addresses: running
        .map(({ Id, NetworkSettings }) => `${Id} ${addressesOf(NetworkSettings.Networks)}`)
        .toSorted(),
      ports: published.toSorted(),
    },
    kernel: {
      ends: await hostEnds(),
      addresses: running
        .map(
          ({ Id }, at) =>
            `${Id} ${inet(inside[at] ?? '')
              .toSorted()
              .join(' ')}`,
        )
        .toSorted(),
      ports: [...rules.matchAll(/(\d+) : ([\d.]+) \. 80\b/g)]
        .map(([, port, address]) => `${port} ${address}`)
        .toSorted(),
    },
  };
}

function addressesOf(attached: Inspected['NetworkSettings']['Networks']): string {
  return Object.values(attached)
    .map(({ IPAddress }) => IPAddress)
    .toSorted()
    .join(' ');
}

function inet(text: string): readonly string[] {
  return [...text.matchAll(/eth\d+ +inet ([\d.]+)/g)].map(([, address]) => address ?? '');
}

/** "tsm0123456789ab tsm0": an end, and the bridge that it is on. */
async function hostEnds(): Promise<readonly string[]> {
  const links = await lab.inside('ip', '-o', 'link');
  return [...links.matchAll(/(tsm[0-9a-f]{12})@\S+ .*?(?:master (\S+) |\n)/g)]
    .map(([, end, bridge]) => `${end} ${bridge}`)
    .toSorted();
}

async function endNames(): Promise<readonly string[]> {
  return (await hostEnds()).map((each) => each.split(' ')[0] ?? '');
}

async function bridgeNames(): Promise<ReadonlyMap<string, string>> {
  const ids = await Promise.all(networks.map(async (name) => [name, `tsm-${await idOf(name)}`] as const));
  return new Map([...ids, ['bridge', 'tsm0']]);
}

async function idOf(network: string): Promise<string> {
  return (await output('network', 'inspect', '-f', '{{.Id}}', network)).slice(0, 11);
}
