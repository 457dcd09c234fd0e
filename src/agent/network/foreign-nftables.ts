import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { runOrThrow } from '../kernel/spawn.js';
import { ask } from './ask.js';
import type { ForwardInterface } from './forward-interface.js';

const comment = 'tsmachine';

/** A base chain of somebody else's that sees forwarded packets. */
interface ForeignChain {
  readonly path: string;
  readonly drops: boolean;
}

interface Rule {
  readonly handle: number;
  readonly isOurs: boolean;
  /** Lets nothing pass. */
  readonly isLast: boolean;
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
    const rules = await rulesOf(chain);
    const at = rules.findIndex(({ isLast }) => isLast);
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
    const ours = (await rulesOf(chain)).filter(({ isOurs }) => isOurs);
    if (ours.length > 0) await change(chain, ours, [], undefined);
  }
}

async function change(
  { path }: ForeignChain,
  gone: readonly Rule[],
  wanted: readonly string[],
  before: number | undefined,
): Promise<void> {
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
  return [{ path: `${family} ${table} ${name}`, drops: policy === 'drop' }];
}

async function rulesOf({ path }: ForeignChain): Promise<readonly Rule[]> {
  const result = await ask(['nft', '-j', '-a', 'list', 'chain', ...path.split(' ')]);
  return result?.code === 0 ? objectsIn(result.stdout, 'rule').map(parseRule) : [];
}

function parseRule(rule: JsonObject): Rule {
  const expressions = Array.isArray(rule['expr']) ? rule['expr'].filter(isJsonObject) : [];
  const names = expressions.map((each) => Object.keys(each)[0] ?? '');
  const acts = names.filter((name) => !['counter', 'log', 'limit'].includes(name));
  return {
    handle: Number(rule['handle']),
    isOurs: rule['comment'] === comment,
    isLast: acts.length === 1 && ['drop', 'reject'].includes(acts[0] ?? ''),
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
