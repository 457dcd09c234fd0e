import { attributesIn, HEADER_SIZE, messagesIn, nameIn, typeOf } from './netlink-messages.js';

/** A change of nftables as the kernel tells it; `commit` ends those that were made together. Sets and their elements are left out. */
export type RulesetChange =
  | { readonly what: 'commit' }
  | {
      readonly what: 'table' | 'chain' | 'rule';
      readonly isNew: boolean;
      readonly table: string;
    };

/** linux/netfilter/nf_tables.h. */
const kinds = new Map<number, { readonly what: 'table' | 'chain' | 'rule'; readonly isNew: boolean }>([
  [0, { what: 'table', isNew: true }],
  [2, { what: 'table', isNew: false }],
  [3, { what: 'chain', isNew: true }],
  [5, { what: 'chain', isNew: false }],
  [6, { what: 'rule', isNew: true }],
  [8, { what: 'rule', isNew: false }],
]);

export function rulesetChangesIn(datagram: Buffer): readonly RulesetChange[] {
  return messagesIn(datagram).flatMap((message): readonly RulesetChange[] => {
    const type = typeOf(message);
    if (type >> 8 !== NFNL_SUBSYS_NFTABLES) return [];
    if ((type & 0xff) === NEWGEN) return [{ what: 'commit' }];
    const kind = kinds.get(type & 0xff);
    return kind ? [{ ...kind, table: tableOf(message) }] : [];
  });
}

/** The first attribute of all three: NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE. */
function tableOf(message: Buffer): string {
  return nameIn(attributesIn(message.subarray(HEADER_SIZE + NFGENMSG_SIZE)).get(1));
}

const NFNL_SUBSYS_NFTABLES = 10;
const NEWGEN = 15;
const NFGENMSG_SIZE = 4;
