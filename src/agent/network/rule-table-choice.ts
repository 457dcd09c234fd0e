import { ask } from './ask.js';
import { IptablesTable } from './iptables-table.js';
import type { RulesetNetwork } from './nft-ruleset.js';
import { NftTable } from './nft-table.js';
import type { RuleTable } from './rule-table.js';

/** By nftables, or by iptables where the host has no nft or its kernel does not know it. */
export async function ruleTableOfHost(): Promise<(networks: () => readonly RulesetNetwork[]) => RuleTable> {
  const needsIptables =
    !(await works(['nft', 'list', 'tables'])) && (await works(['iptables', '-w', '5', '-S']));
  return (networks) => (needsIptables ? new IptablesTable(networks) : new NftTable(networks));
}

async function works(argv: readonly string[]): Promise<boolean> {
  return (await ask(argv))?.code === 0;
}
