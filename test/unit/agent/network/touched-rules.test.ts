import type { RulesetChange } from '../../../../src/agent/kernel/ruleset-changes.js';
import { Transactions } from '../../../../src/agent/network/touched-rules.js';

const commit: RulesetChange = { what: 'commit' };

function change(what: 'table' | 'chain' | 'rule', isNew: boolean, table: string): RulesetChange {
  return { what, isNew, table };
}

const flush = [change('rule', false, 'ours'), change('chain', false, 'ours'), change('table', false, 'ours')];

test('a flush of our table is told when it is committed, also where it is told in parts', () => {
  const transactions = new Transactions('ours');

  expect(transactions.add(flush)).toEqual({ ours: false, others: false });
  expect(transactions.add([commit])).toEqual({ ours: true, others: false });
  expect(transactions.add([commit])).toEqual({ ours: false, others: false });
});

test('a transaction that makes our table anew is our own', () => {
  const made = [change('table', true, 'ours'), change('chain', true, 'ours'), commit];

  expect(new Transactions('ours').add([...flush, ...made])).toEqual({ ours: false, others: false });
});

test('a flush behind our own change is told', () => {
  const made = [change('table', true, 'ours'), commit];

  expect(new Transactions('ours').add([...made, ...flush, commit])).toEqual({ ours: true, others: false });
});

test("a rule of somebody else's is told as that", () => {
  const changes = [change('rule', true, 'firewalld'), commit];

  expect(new Transactions('ours').add(changes)).toEqual({ ours: false, others: true });
});
