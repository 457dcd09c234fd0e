import fc from 'fast-check';
import {
  answers,
  decodeQuery,
  encodeAnswer,
  encodeFailure,
  encodeName,
  encodeRejection,
  type Query,
  RecordType,
  ResponseCode,
  withId,
} from '../../../../src/agent/dns/message.js';
import { framed, MessageReader } from '../../../../src/agent/dns/tcp-framing.js';
import { question } from '../../../support/dns.js';

function queryOf(message: Buffer): Query {
  const query = decodeQuery(message);
  if (typeof query !== 'object') throw new Error(`not a query: ${query}`);
  return query;
}

test('a question is read: name in lower case, type, and what size the asker takes', () => {
  expect(queryOf(question('Web.Example.', RecordType.AAAA))).toMatchObject({
    name: 'web.example',
    type: RecordType.AAAA,
    udpSize: 512,
  });
  expect(queryOf(question('web', RecordType.A, { udpSize: 4096 })).udpSize).toBe(4096);
  expect(queryOf(question('web', RecordType.A, { udpSize: 10 })).udpSize).toBe(512);
});

test('an answer repeats the question as it was written, and points to it', () => {
  const query = queryOf(question('WEB', RecordType.A, { id: 0x1234 }));
  const answer = encodeAnswer(query, [Buffer.of(10, 0, 0, 1)], 512);
  expect(answer.toString('hex')).toBe(
    `1234818000010001000000000357454200${'00010001'}${'c00c00010001000002580004'}0a000001`,
  );
  expect(answers(answer, 0x1234, query)).toBe(true);
  expect(answers(answer, 0x1235, query)).toBe(false);
  expect(answers(withId(answer, 7), 7, query)).toBe(true);
  expect(answers(answer, 0x1234, queryOf(question('other', RecordType.A)))).toBe(false);
});

test('an answer that is too large is cut between records, and says so', () => {
  const query = queryOf(question('web', RecordType.A));
  const answer = encodeAnswer(query, new Array(100).fill(Buffer.of(10, 0, 0, 1)), query.udpSize);
  expect(answer.length).toBeLessThanOrEqual(512);
  expect(answer.readUInt16BE(6)).toBe(30);
  expect(answer.readUInt16BE(2) & 0x0200).toBe(0x0200);
});

test('what is no question gets the code that its form deserves; an answer gets none', () => {
  const good = question('web', RecordType.A);
  const with2 = (offset: number, value: number) => {
    const copy = Buffer.from(good);
    copy.writeUInt16BE(value, offset);
    return copy;
  };
  expect(decodeQuery(with2(2, 0x8100))).toBeUndefined();
  expect(decodeQuery(good.subarray(0, 11))).toBeUndefined();
  expect(decodeQuery(with2(2, 0x2800))).toBe(ResponseCode.NOTIMP);
  expect(decodeQuery(with2(4, 2))).toBe(ResponseCode.FORMERR);
  expect(decodeQuery(good.subarray(0, 14))).toBe(ResponseCode.FORMERR);
  expect(decodeQuery(with2(12, 0xc00c))).toBe(ResponseCode.FORMERR);
  expect(encodeRejection(with2(2, 0x2900), ResponseCode.NOTIMP).readUInt16BE(2)).toBe(0xa904);
});

test('any bytes are read, and answered or refused, without a fault', () => {
  const start = fc.constantFrom(
    question('web.network', RecordType.A, { udpSize: 4096 }),
    question('4.3.2.1.in-addr.arpa', RecordType.PTR),
  );
  const damaged = fc
    .tuple(start, fc.array(fc.tuple(fc.nat(60), fc.nat(255))), fc.nat(60))
    .map(([message, changes, length]) => {
      const copy = Buffer.from(message);
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
      return copy.subarray(0, length);
    });
  const arbitrary = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(damaged, arbitrary), (message) => {
      const query = decodeQuery(message);
      if (query === undefined) return;
      if (typeof query === 'number') {
        expect(encodeRejection(message, query)).toHaveLength(12);
        return;
      }
      expect(query.questionEnd).toBeLessThanOrEqual(message.length);
      expect(encodeFailure(query, ResponseCode.SERVFAIL)).toHaveLength(query.questionEnd);
      expect(encodeAnswer(query, [Buffer.alloc(16)], query.udpSize).length).toBeLessThanOrEqual(
        query.udpSize,
      );
      expect(answers(encodeAnswer(query, [], 512), message.readUInt16BE(0), query)).toBe(true);
      answers(message, 0, query);
    }),
    { numRuns: 3000 },
  );
});

test('names are encoded by labels', () => {
  expect(encodeName('web.net')).toEqual(Buffer.from('\x03web\x03net\0', 'latin1'));
  expect(encodeName(`${'x'.repeat(70)}.net`)[0]).toBe(63);
});

test('a TCP stream is cut into its messages, however it arrives', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 50 }), (bodies, step) => {
      const stream = Buffer.concat(bodies.map((body) => framed(Buffer.from(body))));
      const reader = new MessageReader();
      const read: Buffer[] = [];
      for (let at = 0; at < stream.length; at += step)
        read.push(...reader.push(stream.subarray(at, at + step)));
      expect(read.map((one) => [...one])).toEqual(bodies.map((body) => [...body]));
    }),
  );
});
