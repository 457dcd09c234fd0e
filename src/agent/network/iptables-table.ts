import { BatchRunner } from '../../shared/batch-runner.js';
import { runOrThrow } from '../kernel/spawn.js';
import { chainsOf, type IptablesTableName, jumps, ourChains, userChain } from './iptables-ruleset.js';
import type { Publication, RulesetNetwork } from './nft-ruleset.js';
import type { RuleTable } from './rule-table.js';
import { hostHasIpv6 } from './sysctl.js';

const tables: readonly IptablesTableName[] = ['raw', 'nat', 'filter'];
const timeoutMs = 30_000;

/**
 * Our rules by iptables, for hosts without nftables: in chains of our own, each table's replaced at once by
 * iptables-restore, and one jump to each at the top of the kernel's own chains.
 */
export class IptablesTable implements RuleTable {
  readonly #networks: () => readonly RulesetNetwork[];
  readonly #published = new Map<string, readonly Publication[]>();
  readonly #writes = new BatchRunner<void>(() => this.#write());

  /** `networks` tells those that are there whenever the chains are written. */
  constructor(networks: () => readonly RulesetNetwork[]) {
    this.#networks = networks;
  }

  async publish(containerId: string, publications: readonly Publication[]): Promise<void> {
    if (publications.length === 0 && !this.#published.has(containerId)) return;
    this.#published.set(containerId, publications);
    await this.#writes.add(undefined);
  }

  async withdraw(containerId: string): Promise<void> {
    const before = this.#published.get(containerId) ?? [];
    this.#published.delete(containerId);
    if (before.length > 0) await this.#writes.add(undefined);
  }

  async refresh(): Promise<void> {
    await this.#writes.add(undefined);
  }

  async replace(published: ReadonlyMap<string, readonly Publication[]>): Promise<void> {
    this.#published.clear();
    for (const [containerId, publications] of published) this.#published.set(containerId, publications);
    await this.#writes.add(undefined);
  }

  /** A flush takes the jumps, and the chains with what is in them. */
  async isPresent(): Promise<boolean> {
    await this.#writes.settled();
    const saved = await Promise.all(tables.map((table) => save('iptables', table)));
    return tables.every((table, at) => {
      const lines = saved[at]?.split('\n') ?? [];
      const isJumped = jumps(table).every((jump) => lines.includes(`-A ${jump}`));
      const isFilled = table !== 'filter' || lines.some((line) => line.startsWith('-A TSMACHINE-FORWARD '));
      return isJumped && isFilled;
    });
  }

  async remove(): Promise<void> {
    await this.#writes.settled();
    for (const program of await programs()) {
      for (const table of tables) {
        const lines = (await save(program, table)).split('\n');
        const ours = new Set(ourChains(table));
        const present = lines
          .flatMap((line) => /^:(\S+) /.exec(line)?.[1] ?? [])
          .filter((name) => ours.has(name));
        const text = [
          ...lines
            .filter((line) => jumps(table).some((jump) => line === `-A ${jump}`))
            .map((line) => line.replace('-A', '-D')),
          ...present.map((name) => `-F ${name}`),
          ...present.map((name) => `-X ${name}`),
          ...(isUnused(lines) ? [`-X ${userChain}`] : []),
        ];
        await restore(program, table, text);
      }
    }
  }

  async #write(): Promise<void> {
    for (const program of await programs()) {
      const family = program === 'iptables' ? 4 : 6;
      for (const table of tables) {
        const lines = (await save(program, table)).split('\n');
        const chains = chainsOf(family, table, this.#networks(), this.#publications(family));
        await restore(program, table, [
          ...(table === 'filter' && !hasUserChain(lines) ? [`:${userChain} - [0:0]`] : []),
          ...chains.map(({ name }) => `:${name} - [0:0]`),
          ...chains.flatMap(({ name, rules }) => rules.map((rule) => `-A ${name} ${rule}`)),
          ...jumps(table)
            .filter((jump) => !lines.includes(`-A ${jump}`))
            .map((jump) => `-I ${jump}`),
        ]);
      }
    }
  }

  #publications(family: 4 | 6): readonly Publication[] {
    return [...this.#published.values()]
      .flat()
      .filter(({ address }) => address.includes(':') === (family === 6));
  }
}

function hasUserChain(lines: readonly string[]): boolean {
  return lines.some((line) => line.startsWith(`:${userChain} `));
}

/** Nobody has a rule in it, and nobody but us leads there. */
function isUnused(lines: readonly string[]): boolean {
  const others = lines.filter((line) => !line.startsWith('-A TSMACHINE-'));
  return hasUserChain(lines) && !others.some((line) => line.startsWith('-A') && line.includes(userChain));
}

async function programs(): Promise<readonly ('iptables' | 'ip6tables')[]> {
  return (await hostHasIpv6()) ? ['iptables', 'ip6tables'] : ['iptables'];
}

async function save(program: string, table: string): Promise<string> {
  return (await runOrThrow([`${program}-save`, '-t', table], { timeoutMs })).stdout;
}

async function restore(program: string, table: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const input = [`*${table}`, ...lines, 'COMMIT', ''].join('\n');
  await runOrThrow([`${program}-restore`, '-w', '5', '--noflush'], { input, timeoutMs });
}
