import fc from 'fast-check';
import { parse } from 'yaml';
import { encodeValue } from '../../../../src/compose/codec/codec.js';
import { formatDuration, parseDuration } from '../../../../src/compose/codec/duration.js';
import { compareJsonKeys, compareYamlKeys } from '../../../../src/compose/codec/key-order.js';
import { splitCommand } from '../../../../src/compose/codec/split-command.js';
import { compactJson, indentedJson } from '../../../../src/compose/codec/write-json.js';
import { writeYaml } from '../../../../src/compose/codec/write-yaml.js';
import type { Value } from '../../../../src/compose/file/value.js';

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...'aZ09 \n\t:#-?\'"\\,[]{}&*!|>%@`$.~_+xeEo=<') }),
    fc.constantFrom(
      '',
      'null',
      '~',
      'yes',
      'NO',
      'true',
      '0x1f',
      '1e3',
      '12:30',
      '2024-01-01',
      '.inf',
      ' a',
      'a ',
    ),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('YAML that was written is read as what it was', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(parse(writeYaml(encodeValue({ given }, compareYamlKeys)))).toEqual({ given });
    }),
    { numRuns: 500 },
  );
});

test('JSON that was written is read as what it was, with or without blanks', () => {
  fc.assert(
    fc.property(value, (given) => {
      const encoded = encodeValue(given, compareJsonKeys);
      expect(JSON.parse(compactJson(encoded))).toEqual(given);
      expect(JSON.parse(indentedJson(encoded))).toEqual(given);
    }),
  );
});

test('keys are in one order only', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: fc.constantFrom(...'ab019_.é') })), (keys) => {
      const sorted = keys.toSorted(compareYamlKeys);
      expect(keys.toReversed().toSorted(compareYamlKeys)).toEqual(sorted);
    }),
  );
});

test('numbers in keys count as numbers in YAML, as letters in JSON', () => {
  const keys = ['a10', 'a9', 'a', 'a1b', 'B', '1', 'a_1'];
  expect(keys.toSorted(compareYamlKeys)).toEqual(['1', 'B', 'a', 'a_1', 'a1b', 'a9', 'a10']);
  expect(keys.toSorted(compareJsonKeys)).toEqual(['1', 'B', 'a', 'a10', 'a1b', 'a9', 'a_1']);
});

test.each([
  ['0', '0s'],
  ['90s', '1m30s'],
  ['1.5h', '1h30m0s'],
  ['100ms', '100ms'],
  ['1500us', '1.5ms'],
  ['1µs1ns', '1.001µs'],
  ['-2m', '-2m0s'],
])('the duration %s is written %s', (text, written) => {
  expect(formatDuration(parseDuration(text) ?? Number.NaN)).toBe(written);
});

test('a duration that was written is read as what it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (nanoseconds) => {
      expect(parseDuration(formatDuration(nanoseconds))).toBe(nanoseconds);
    }),
  );
});

test.each(['', '5', '5 s', '1d', 's', '1.2.3s', '--1s'])('"%s" is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  ['echo a  b', ['echo', 'a', 'b']],
  ['', []],
  [`a 'b c' "d e" f\\ g`, ['a', 'b c', 'd e', 'f g']],
  [`x'y'"z" "" '' "\\""`, ['xyz', '', '', '"']],
  ['echo a && echo b', ['echo', 'a']],
  ['a 2>&1', ['a']],
  ['a $(b c) `d e`', ['a', '$(b c)', '`d e`']],
])('%j is split as docker compose splits it', (line, words) => {
  expect(splitCommand(line)).toEqual(words);
});

test.each([`a 'b`, 'a "b', 'a\\', 'a (b)'])('%j cannot be split', (line) => {
  expect(splitCommand(line)).toBeUndefined();
});
