import { deletedLinksIn } from '../../../../src/agent/kernel/deleted-links.js';
import { rulesetChangesIn } from '../../../../src/agent/kernel/ruleset-changes.js';

/** A netlink message: its header, that of its family, and one attribute that is a name. */
function message(type: number, family: Buffer, attribute: number, name: string): Buffer {
  const text = Buffer.from(`${name}\0`);
  const content = Buffer.alloc(4 + ((text.length + 3) & ~3));
  content.writeUInt16LE(4 + text.length, 0);
  content.writeUInt16LE(attribute, 2);
  content.set(text, 4);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + family.length + content.length, 0);
  header.writeUInt16LE(type, 4);
  return Buffer.concat([header, family, content]);
}

function nftables(type: number, name: string): Buffer {
  return message((10 << 8) | type, Buffer.from([2, 0, 0, 0]), 1, name);
}

function link(type: number, family: number, name: string): Buffer {
  return message(type, Buffer.from([family, ...new Array(15).fill(0)]), 3, name);
}

test('changes of tables, chains and rules are read with their tables, up to the commit; sets are passed over', () => {
  const [deletedRule, newTable, newElement, generation] = [8, 0, 12, 15];
  const datagram = Buffer.concat([
    nftables(deletedRule, 'tsmachine'),
    nftables(newTable, 'firewalld'),
    nftables(newElement, 'tsmachine'),
    nftables(generation, ''),
  ]);

  expect(rulesetChangesIn(datagram)).toEqual([
    { what: 'rule', isNew: false, table: 'tsmachine' },
    { what: 'table', isNew: true, table: 'firewalld' },
    { what: 'commit' },
  ]);
});

test('messages of other parts of netfilter, and what is cut off, are no changes', () => {
  expect(rulesetChangesIn(message(1 << 8, Buffer.alloc(4), 1, 'x'))).toEqual([]);
  expect(rulesetChangesIn(Buffer.alloc(7))).toEqual([]);
});

test('links that have gone are told by name; not those that only left a bridge', () => {
  const [newLink, deleted, unspecified, bridge] = [16, 17, 0, 7];
  const datagram = Buffer.concat([
    link(newLink, unspecified, 'eth0'),
    link(deleted, unspecified, 'tsm0'),
    link(deleted, bridge, 'veth1'),
  ]);

  expect(deletedLinksIn(datagram)).toEqual(['tsm0']);
});
