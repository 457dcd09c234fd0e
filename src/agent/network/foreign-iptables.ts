import { readFile } from 'node:fs/promises';
import { runOrThrow } from '../kernel/spawn.js';
import { ask } from './ask.js';
import type { ForwardInterface } from './forward-interface.js';
import { listLinks } from './link.js';

/** Our chain in the filter table of others, and the jump to it. */
const chain = 'TSMACHINE-ACCEPT';
const jump = `-A FORWARD -m comment --comment tsmachine -j ${chain}`;
const timeoutMs = 10_000;

interface ForwardChain {
  readonly iptables: string;
  /** As `iptables -S` writes them. */
  readonly rules: readonly string[];
}

/** Accepts what comes from or goes to our bridges where iptables' FORWARD chain refuses what is left. */
export async function acceptInIptables(interfaces: readonly ForwardInterface[]): Promise<void> {
  const chains = (await forwardChains()).filter(({ rules }) => refuses(rules));
  if (chains.length === 0) return;
  const content = contentOf(interfaces, await foreignBridges());
  for (const { iptables, rules } of chains) {
    const lines = [
      ...(sameLines(
        rules.filter((rule) => rule.startsWith(`-A ${chain} `)),
        content,
      )
        ? []
        : [`:${chain} - [0:0]`, ...content]),
      ...placing(rules),
    ];
    if (lines.length > 0) await restore(iptables, lines);
  }
}

export async function withdrawFromIptables(): Promise<void> {
  for (const { iptables, rules } of await forwardChains()) {
    if (!rules.includes(`-N ${chain}`)) continue;
    const jumps = rules.filter((rule) => rule === jump).map((rule) => rule.replace('-A', '-D'));
    await restore(iptables, [...jumps, `-F ${chain}`, `-X ${chain}`]);
  }
}

function refuses(rules: readonly string[]): boolean {
  return rules.some(
    (rule) => rule === '-P FORWARD DROP' || (isForward(rule) && letsNothingPass(rule, rules)),
  );
}

function isForward(rule: string): boolean {
  return rule.startsWith('-A FORWARD ');
}

/** By itself, or by the end of the chains that it leads to: iptables allows no circles. */
function letsNothingPass(rule: string, rules: readonly string[]): boolean {
  const target = /^-A \S+ (?:-m comment --comment (?:"[^"]*"|\S+) )?-[jg] (\S+)/.exec(rule)?.[1];
  if (target === undefined) return false;
  if (['DROP', 'REJECT', 'ufw-reject-forward'].includes(target)) return true; // ufw may fill its chain yet
  return rules.some((each) => each.startsWith(`-A ${target} `) && letsNothingPass(each, rules));
}

/** What puts the jump where it belongs; nothing where it is there. */
function placing(rules: readonly string[]): readonly string[] {
  const forward = rules.filter(isForward);
  const at = forward.indexOf(jump);
  const last = forward.findIndex((rule) => letsNothingPass(rule, rules));
  if (at >= 0 && (last < 0 || at < last)) return [];
  const gone = at < 0 ? [] : [jump.replace('-A', '-D')];
  return [...gone, last < 0 ? jump : jump.replace('-A FORWARD', `-I FORWARD ${last + 1}`)];
}

/** To the bridges of others leads only what they let pass themselves: it never gets here. */
function contentOf(interfaces: readonly ForwardInterface[], foreign: readonly string[]): readonly string[] {
  const patterns = interfaces.map(({ name, isPrefix }) => (isPrefix ? `${name}+` : name));
  return [
    ...foreign.map((name) => `-A ${chain} -o ${name} -j RETURN`),
    ...patterns.flatMap((each) => [`-A ${chain} -i ${each} -j ACCEPT`, `-A ${chain} -o ${each} -j ACCEPT`]),
  ];
}

/** Bridges of Docker Engine and libvirt. */
async function foreignBridges(): Promise<readonly string[]> {
  const names = listLinks().map(({ name }) => name);
  return names.filter((name) => /^(docker\d+|docker_gwbridge|br-[0-9a-f]{12}|virbr\d+)$/.test(name)).sort();
}

function sameLines(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, at) => line === other[at]);
}

async function restore(iptables: string, lines: readonly string[]): Promise<void> {
  const input = ['*filter', ...lines, 'COMMIT', ''].join('\n');
  await runOrThrow([`${iptables}-restore`, '-w', '5', '--noflush'], { input, timeoutMs });
}

/** iptables' two back ends for both families, each only where its filter table exists: looking would make it. */
async function forwardChains(): Promise<readonly ForwardChain[]> {
  const present = await Promise.all([
    hasNftTable('ip').then((is) => is && 'iptables-nft'),
    hasNftTable('ip6').then((is) => is && 'ip6tables-nft'),
    hasLegacyTable('ip').then((is) => is && 'iptables-legacy'),
    hasLegacyTable('ip6').then((is) => is && 'ip6tables-legacy'),
  ]);
  const tools = present.filter((tool) => tool !== false);
  const chains = await Promise.all(
    tools.map(async (iptables) => {
      const result = await ask([iptables, '-w', '5', '-S']);
      return result?.code === 0 ? [{ iptables, rules: result.stdout.split('\n') }] : [];
    }),
  );
  return chains.flat();
}

async function hasNftTable(family: string): Promise<boolean> {
  return (await ask(['nft', 'list', 'chain', family, 'filter', 'FORWARD']))?.code === 0;
}

async function hasLegacyTable(family: 'ip' | 'ip6'): Promise<boolean> {
  const names = await readFile(`/proc/self/net/${family}_tables_names`, 'utf8').catch(() => '');
  return names.split('\n').includes('filter');
}
