import type { NamedEndpoint, NamedNetwork } from '../../../../src/agent/dns/directory.js';
import { LocalNames } from '../../../../src/agent/dns/local-names.js';
import { decodeQuery, encodeName, RecordType } from '../../../../src/agent/dns/message.js';
import { question } from '../../../support/dns.js';

const endpoint = (containerName: string, addresses: string[], aliases: string[] = []): NamedEndpoint => ({
  containerName,
  addresses,
  aliases,
});

let networks: Record<string, NamedNetwork[]>;
let endpoints: Record<string, NamedEndpoint[]>;
let names: LocalNames;

beforeEach(() => {
  networks = {
    asker: [
      { id: 'n1', name: 'front', internal: true, links: new Map([['db', 'web1']]) },
      { id: 'n2', name: 'back.end', internal: false },
    ],
    hermit: [{ id: 'n1', name: 'front', internal: true }],
  };
  endpoints = {
    n1: [
      endpoint('web1', ['10.0.0.1', 'fd00::1'], ['web', '0123456789ab']),
      endpoint('web2', ['10.0.0.2'], ['web']),
    ],
    n2: [endpoint('web1', ['10.9.0.1']), endpoint('store', ['10.9.0.2']), endpoint('a.b', ['10.9.0.3'])],
  };
  names = new LocalNames({
    networksOf: (id) => networks[id] ?? [],
    endpointsOn: (id) => endpoints[id] ?? [],
  });
});

/** The addresses of an answer; undefined where there is none of ours. */
function ask(name: string, type: number = RecordType.A, asker = 'asker'): string[] | undefined {
  const query = decodeQuery(question(name, type));
  if (typeof query !== 'object') throw new Error('bad question');
  const answer = names.answer(asker, query, 512);
  if (!answer) return undefined;
  const found: string[] = [];
  for (let at = query.questionEnd; at < answer.length; at += 12 + answer.readUInt16BE(at + 10)) {
    const data = answer.subarray(at + 12, at + 12 + answer.readUInt16BE(at + 10));
    found.push(type === RecordType.A ? [...data].join('.') : data.toString('hex'));
  }
  return found;
}

test('a container is found by name, alias and short ID, in any case, with or without the last dot', () => {
  for (const name of ['web1', 'WEB1', '0123456789ab', 'web1.']) expect(ask(name)).toEqual(['10.0.0.1']);
});

test('a name is looked for on all networks of the asker, the first of which wins, and on no other', () => {
  expect(ask('store')).toEqual(['10.9.0.2']);
  expect(ask('store', RecordType.A, 'hermit')).toBeUndefined();
  expect(ask('web1')).toEqual(['10.0.0.1']);
});

test('a name with its network is looked for there', () => {
  expect(ask('web1.back.end')).toEqual(['10.9.0.1']);
  expect(ask('a.b')).toEqual(['10.9.0.3']);
  expect(ask('a.b.back.end')).toEqual(['10.9.0.3']);
  expect(ask('web1.nowhere')).toBeUndefined();
});

test('a link stands for a container, for who has it only', () => {
  expect(ask('db')).toEqual(['10.0.0.1']);
  expect(ask('db', RecordType.A, 'hermit')).toBeUndefined();
});

test('those who share a name take turns', () => {
  expect([ask('web'), ask('web'), ask('web')]).toEqual([
    ['10.0.0.1', '10.0.0.2'],
    ['10.0.0.2', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2'],
  ]);
});

test('a known name has an empty answer for what it lacks', () => {
  expect(ask('web1', RecordType.AAAA)).toEqual(['fd000000000000000000000000000001']);
  expect(ask('web2', RecordType.AAAA)).toEqual([]);
  expect(ask('web2', RecordType.MX)).toEqual([]);
  expect(ask('nobody', RecordType.MX)).toBeUndefined();
  expect(ask('web2', 16)).toBeUndefined();
});

test('an address has the name of its container on its network', () => {
  expect(ask('2.0.0.10.in-addr.arpa', RecordType.PTR)).toEqual([encodeName('web2.front').toString('hex')]);
  const reverse = `${[...'fd000000000000000000000000000001'].reverse().join('.')}.ip6.arpa`;
  expect(ask(reverse, RecordType.PTR)).toEqual([encodeName('web1.front').toString('hex')]);
  expect(ask('1.1.1.1.in-addr.arpa', RecordType.PTR)).toBeUndefined();
});

test('a change is seen by the next question', () => {
  expect(ask('new')).toBeUndefined();
  endpoints = { n1: [endpoint('new', ['10.0.0.7'])] };
  names.changed();
  expect(ask('new')).toEqual(['10.0.0.7']);
  networks = {};
  names.changed();
  expect(ask('new')).toBeUndefined();
});

test('only a container with a network that is not internal may ask the world', () => {
  expect([names.isExternal('asker'), names.isExternal('hermit')]).toEqual([true, false]);
});
