import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { acceptInIptables, withdrawFromIptables } from './foreign-iptables.js';
import { acceptInNftables, withdrawFromNftables } from './foreign-nftables.js';
import type { ForwardInterface } from './forward-interface.js';

const mutex = new KeyedMutex();

/**
 * A foreign policy of DROP in the way of forwarded packets (dockerd, ufw, firewalld, an administrator's own), or a rule
 * that refuses all that is left, cannot be undone by an accept in our own table: every base chain must accept. Where one
 * refuses, our bridges' packets are accepted just before that, behind all rules that somebody has thought of: an
 * administrator's DOCKER-USER, and what keeps the bridges of others from being reached. What may come in is our own
 * table's decision. Idempotent.
 */
export async function acceptForwarding(bridges: readonly string[]): Promise<void> {
  await mutex.run('', async () => {
    const interfaces = interfacesOf(bridges);
    await Promise.all([acceptInIptables(interfaces), acceptInNftables(interfaces)]);
  });
}

/** Removes what `acceptForwarding` added. Succeeds when there is nothing. */
export async function withdrawForwarding(): Promise<void> {
  await mutex.run('', async () => {
    await withdrawFromIptables();
    await withdrawFromNftables();
  });
}

/** One pattern for all bridges that have our own names, so that networks come and go without a rule. */
function interfacesOf(bridges: readonly string[]): readonly ForwardInterface[] {
  const others = bridges.filter((name) => !name.startsWith(ownPrefix));
  const own = bridges.length > others.length ? [{ name: ownPrefix, isPrefix: true }] : [];
  return [...own, ...new Set(others)].map((each) =>
    typeof each === 'string' ? { name: each, isPrefix: false } : each,
  );
}

const ownPrefix = 'tsm';
