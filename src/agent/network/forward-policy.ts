import { readFile } from 'node:fs/promises';
import { isTsmachineError } from '../../shared/errors.js';
import { type CommandResult, run, runOrThrow } from '../../shared/spawn.js';

const comment = 'tsmachine';
const timeoutMs = 10_000;

/**
 * A foreign FORWARD policy of DROP (dockerd, ufw) or a rule that refuses cannot be undone by an accept in our own
 * table: every base chain must accept. Where iptables refuses, the bridge's packets are accepted at the top of
 * its FORWARD chain; what may come in is our own table's decision. Idempotent.
 */
export async function acceptForwarding(bridges: readonly string[]): Promise<void> {
  for (const { iptables, rules } of await forwardChains()) {
    if (!rules.some((rule) => rule === '-P FORWARD DROP' || / -j (DROP|REJECT)\b/.test(rule))) continue;
    for (const bridge of interfacesOf(bridges)) {
      for (const direction of ['-i', '-o']) {
        if (rules.some((rule) => isOurs(rule, direction, bridge))) continue;
        await runOrThrow([iptables, '-w', '5', '-I', ...acceptRule(direction, bridge)], { timeoutMs });
      }
    }
  }
}

/** Removes what `acceptForwarding` inserted. Succeeds when there is nothing. */
export async function withdrawForwarding(bridges: readonly string[]): Promise<void> {
  for (const { iptables, rules } of await forwardChains()) {
    for (const bridge of interfacesOf(bridges)) {
      for (const direction of ['-i', '-o']) {
        const count = rules.filter((rule) => isOurs(rule, direction, bridge)).length;
        for (let left = count; left > 0; left--) {
          await run([iptables, '-w', '5', '-D', ...acceptRule(direction, bridge)], { timeoutMs });
        }
      }
    }
  }
}

/** One rule ("tsm+") for all bridges that have our own names, so that networks come and go without a rule. */
function interfacesOf(bridges: readonly string[]): readonly string[] {
  return [...new Set(bridges.map((name) => (name.startsWith('tsm') ? 'tsm+' : name)))];
}

function acceptRule(direction: string, bridge: string): readonly string[] {
  return ['FORWARD', direction, bridge, '-m', 'comment', '--comment', comment, '-j', 'ACCEPT'];
}

function isOurs(rule: string, direction: string, bridge: string): boolean {
  return rule.includes(`${direction} ${bridge} `) && new RegExp(`--comment "?${comment}"? `).test(rule);
}

/** iptables' two back ends, each only where its filter table exists: looking would make it. */
async function forwardChains() {
  const present = await Promise.all([hasNftTable(), hasLegacyTable()]);
  const tools = [present[0] && 'iptables-nft', present[1] && 'iptables-legacy'].filter(
    (tool) => tool !== false,
  );
  const chains = await Promise.all(
    tools.map(async (iptables) => {
      const result = await ask([iptables, '-w', '5', '-S', 'FORWARD']);
      return result?.code === 0 ? [{ iptables, rules: result.stdout.split('\n') }] : [];
    }),
  );
  return chains.flat();
}

async function hasNftTable(): Promise<boolean> {
  return (await ask(['nft', 'list', 'chain', 'ip', 'filter', 'FORWARD']))?.code === 0;
}

async function hasLegacyTable(): Promise<boolean> {
  const names = await readFile('/proc/self/net/ip_tables_names', 'utf8').catch(() => '');
  return names.split('\n').includes('filter');
}

/** Undefined when there is no such program. */
async function ask(argv: readonly string[]): Promise<CommandResult | undefined> {
  return run(argv, { timeoutMs }).catch((error) => {
    if (isTsmachineError(error) && error.code === 'COMMAND_NOT_STARTED') return undefined;
    throw error;
  });
}
