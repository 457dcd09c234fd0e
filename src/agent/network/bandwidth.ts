import { isJsonObject } from '../../shared/json.js';
import { run, runOrThrow } from '../kernel/spawn.js';
import { deleteLink, listLinks, runIpBatch } from './link.js';

/** Bits a second, seen from the container; undefined for no limit. */
export interface Bandwidth {
  readonly download?: number | undefined;
  readonly upload?: number | undefined;
}

/**
 * Limits what goes through the interfaces that a container has now; to be repeated when it gets another one. The
 * limits lie on the host's side, where the container cannot reach them: a token bucket (tc-tbf(8)) on each veth for
 * what it receives, and one on an ifb for all it sends. Throws COMMAND_FAILED; `freeBandwidth` then takes away what
 * was made.
 */
export async function limitBandwidth(containerId: string, pid: number, limits: Bandwidth): Promise<void> {
  const links = await hostEnds(pid);
  const ifb = ifbName(containerId);
  await clear(links, ifb);
  if (limits.upload !== undefined) await runIpBatch(`link add ${ifb} type ifb\nlink set ${ifb} up\n`);
  await runOrThrow(['tc', '-batch', '-'], { input: shapeBatch(links, ifb, limits), timeoutMs });
}

/** Removes what outlives the container's own interfaces. Succeeds when there is nothing. */
export async function freeBandwidth(containerId: string): Promise<void> {
  await deleteLink(ifbName(containerId));
}

/** Lines for `tc -batch -` (tc(8)). */
export function shapeBatch(links: readonly string[], ifb: string, { download, upload }: Bandwidth): string {
  const perLink = (link: string) => [
    ...(download === undefined ? [] : [tokenBucket(link, download)]),
    ...(upload === undefined
      ? []
      : [
          `qdisc add dev ${link} ingress`,
          `filter add dev ${link} parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ${ifb}`,
        ]),
  ];
  const lines = [...(upload === undefined ? [] : [tokenBucket(ifb, upload)]), ...links.flatMap(perLink)];
  return lines.map((line) => `${line}\n`).join('');
}

/** The bucket holds what comes in 10 ms, the kernel's coarsest tick, and never less than a large segment. */
function tokenBucket(link: string, rate: number): string {
  const burst = Math.max(65_536, Math.ceil(rate / 8 / 100));
  return `qdisc add dev ${link} root tbf rate ${rate}bit burst ${burst} latency 50ms`;
}

/** Neither is there at first, so failing is no matter. */
async function clear(links: readonly string[], ifb: string): Promise<void> {
  const input = links.map((link) => `qdisc del dev ${link} root\nqdisc del dev ${link} ingress\n`).join('');
  await run(['tc', '-force', '-batch', '-'], { input, timeoutMs });
  await deleteLink(ifb);
}

/** Names of the host's ends of the veth pairs that lead into a process's network namespace. */
async function hostEnds(pid: number): Promise<readonly string[]> {
  const argv = ['nsenter', '--target', String(pid), '--net', 'ip', '-j', 'link', 'show', 'type', 'veth'];
  const { stdout } = await runOrThrow(argv, { timeoutMs });
  const inside: unknown = JSON.parse(stdout || '[]');
  const peers = new Set(Array.isArray(inside) ? inside.map(peerIndex) : []);
  return listLinks()
    .filter(({ index }) => peers.has(index))
    .map(({ name }) => name);
}

function peerIndex(link: unknown): unknown {
  return isJsonObject(link) ? link['link_index'] : undefined;
}

/** 15 characters, the most that Linux takes (IFNAMSIZ). */
function ifbName(containerId: string): string {
  return `tsi${containerId.slice(0, 12)}`;
}

const timeoutMs = 10_000;
