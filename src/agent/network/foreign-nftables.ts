import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { runOrThrow } from '../kernel/spawn.js';
import { ask } from './ask.js';
import type { ForwardInterface } from './forward-interface.js';

const comment = 'tsmachine';

/** A base chain of somebody else's that sees forwarded packets. */
interface ForeignChain {
  /** "inet firewalld". */
  readonly table: string;
  readonly name: string;
  readonly drops: boolean;
}

/** The rules of a table's chains, by the chains' names. */
type Chains = ReadonlyMap<string, readonly Rule[]>;

interface Rule {
  readonly chain: string;
  readonly handle: number;
  readonly isOurs: boolean;
  /** Refuses whatever comes to it. */
  readonly refuses: boolean;
  /** The chain that whatever comes to it is sent to. */
  readonly leadsTo: string | undefined;
  /** Of ours: what it matches, "iifname tsm*". */
  readonly match: string;
}

/** The same in chains of nftables that are not iptables': firewalld's, or an administrator's own. */
export async function acceptInNftables(interfaces: readonly ForwardInterface[]): Promise<void> {
  const wanted = interfaces.flatMap(({ name, isPrefix }) => {
    const pattern = isPrefix ? `${name}*` : name;
    return [`iifname ${pattern}`, `oifname ${pattern}`];
  });
  for (const chain of await foreignChains()) {
    const chains = await chainsOf(chain);
    const rules = chains.get(chain.name) ?? [];
    const at = rules.findIndex((rule) => letsNothingPass(rule, chains));
    const isRefusing = chain.drops || at >= 0;
    const ours = rules.filter(({ isOurs }) => isOurs);
    const isRight =
      ours.length === wanted.length && rules.every(({ isOurs }, index) => !isOurs || at < 0 || index < at);
    const isSame = isRight && ours.every(({ match }, index) => match === wanted[index]);
    if (isRefusing ? isSame : ours.length === 0) continue;
    await change(chain, ours, isRefusing ? wanted : [], rules[at]?.handle);
  }
}

export async function withdrawFromNftables(): Promise<void> {
  for (const chain of await foreignChains()) {
    const ours = ((await chainsOf(chain)).get(chain.name) ?? []).filter(({ isOurs }) => isOurs);
    if (ours.length > 0) await change(chain, ours, [], undefined);
  }
}

/** By itself, or by the end of the chains that it leads to, as firewalld's zones do. */
function letsNothingPass({ refuses, leadsTo }: Rule, chains: Chains): boolean {
  if (leadsTo === undefined) return refuses;
  return (chains.get(leadsTo) ?? []).some((rule) => letsNothingPass(rule, chains)); // nft allows no circles
}

async function change(
  { table, name }: ForeignChain,
  gone: readonly Rule[],
  wanted: readonly string[],
  before: number | undefined,
): Promise<void> {
  const path = `${table} ${name}`;
  const verb = before === undefined ? `add rule ${path}` : `insert rule ${path} position ${before}`;
  const lines = [
    ...gone.map(({ handle }) => `delete rule ${path} handle ${handle}`),
    ...wanted.map((match) => `${verb} ${match.replace(' ', ' "')}" accept comment "${comment}"`),
  ];
  await runOrThrow(['nft', '-f', '-'], { input: `${lines.join('\n')}\n`, timeoutMs: 10_000 });
}

async function foreignChains(): Promise<readonly ForeignChain[]> {
  const result = await ask(['nft', '-j', 'list', 'chains']);
  return result?.code === 0 ? objectsIn(result.stdout, 'chain').flatMap(foreignChain) : [];
}

function foreignChain({ family, table, name, type, hook, policy }: JsonObject): readonly ForeignChain[] {
  if (type !== 'filter' || hook !== 'forward' || !['ip', 'ip6', 'inet'].includes(String(family))) return [];
  if (table === 'tsmachine' || (table === 'filter' && name === 'FORWARD')) return []; // iptables' own
  return [{ table: `${family} ${table}`, name: String(name), drops: policy === 'drop' }];
}

async function chainsOf({ table }: ForeignChain): Promise<Chains> {
  const result = await ask(['nft', '-j', '-a', 'list', 'table', ...table.split(' ')]);
  const rules = result?.code === 0 ? objectsIn(result.stdout, 'rule') : [];
  return Map.groupBy(rules.map(parseRule), ({ chain }) => chain);
}

function parseRule(rule: JsonObject): Rule {
  const expressions = Array.isArray(rule['expr']) ? rule['expr'].filter(isJsonObject) : [];
  const acts = expressions.filter((each) => !['counter', 'log', 'limit'].some((name) => name in each));
  const only = acts.length === 1 ? acts[0] : undefined;
  const onward = only?.['jump'] ?? only?.['goto'];
  return {
    chain: String(rule['chain']),
    handle: Number(rule['handle']),
    isOurs: rule['comment'] === comment,
    refuses: only !== undefined && ('drop' in only || 'reject' in only),
    leadsTo: isJsonObject(onward) ? String(onward['target']) : undefined,
    match: matchOf(expressions[0]),
  };
}

function matchOf(expression: JsonObject | undefined): string {
  const match = expression?.['match'];
  if (!isJsonObject(match) || !isJsonObject(match['left']) || !isJsonObject(match['left']['meta'])) return '';
  return `${match['left']['meta']['key']} ${match['right']}`;
}

/** Of "nft -j": [{ "chain": {…} }, …]. */
function objectsIn(text: string, kind: 'chain' | 'rule'): readonly JsonObject[] {
  const value: unknown = JSON.parse(text);
  const list = isJsonObject(value) && Array.isArray(value['nftables']) ? value['nftables'] : [];
  return list.filter(isJsonObject).flatMap((each) => (isJsonObject(each[kind]) ? [each[kind]] : []));
}
