import { isTsmachineError } from '../../shared/errors.js';
import { run, runOrThrow } from '../../shared/spawn.js';

const comment = 'tsmachine';
const timeoutMs = 10_000;

/**
 * A foreign FORWARD policy of DROP (dockerd, ufw) or a rule that refuses cannot be undone by an accept in our own
 * table: every base chain must accept. Where iptables is present and refuses, the bridge's packets are
 * accepted at the top of its FORWARD chain; what may come in is our own table's decision. Idempotent.
 */
export async function acceptForwarding(bridge: string): Promise<void> {
  const rules = await forwardRules();
  if (!rules.some((rule) => rule === '-P FORWARD DROP' || / -j (DROP|REJECT)\b/.test(rule))) return;
  for (const direction of ['-i', '-o']) {
    if (!rules.some((rule) => isOurs(rule) && rule.includes(`${direction} ${bridge} `))) {
      await runOrThrow(['iptables', '-w', '5', '-I', ...acceptRule(direction, bridge)], { timeoutMs });
    }
  }
}

/** Removes what `acceptForwarding` inserted. Succeeds when there is nothing. */
export async function withdrawForwarding(bridge: string): Promise<void> {
  for (const rule of await forwardRules()) {
    const direction = ['-i', '-o'].find((one) => rule.includes(`${one} ${bridge} `));
    if (direction && isOurs(rule))
      await run(['iptables', '-w', '5', '-D', ...acceptRule(direction, bridge)], { timeoutMs });
  }
}

function acceptRule(direction: string, bridge: string): readonly string[] {
  return ['FORWARD', direction, bridge, '-m', 'comment', '--comment', comment, '-j', 'ACCEPT'];
}

function isOurs(rule: string): boolean {
  return new RegExp(`--comment "?${comment}"? `).test(rule);
}

/** Without iptables, or where it cannot read its tables, there is nothing of iptables in the way. */
async function forwardRules(): Promise<readonly string[]> {
  try {
    const { code, stdout } = await run(['iptables', '-w', '5', '-S', 'FORWARD'], { timeoutMs });
    return code === 0 ? stdout.split('\n') : [];
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'COMMAND_NOT_STARTED') return [];
    throw error;
  }
}
