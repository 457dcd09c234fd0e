import fc from 'fast-check';
import { goSyntaxError } from '../../../src/api/json-syntax.js';

// What `json.Unmarshal` of Go 1.24 said of each.
test.each<[string, string]>([
  ['{invalid json', "invalid character 'i' looking for beginning of object key string"],
  ['{} trailing', 'unexpected content after JSON'],
  ['{"a"', 'unexpected EOF'],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['{"a":}', "invalid character '}' looking for beginning of value"],
  ['[1 2]', "invalid character '2' after array element"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['tru3', "invalid character '3' in literal true (expecting 'e')"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1ex', "invalid character 'x' in exponent of numeric literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
  ['['.repeat(100_000), 'exceeded max depth'],
])('%.30j: %s', (text, words) => {
  expect(goSyntaxError(text)).toBe(words);
});

test('refuses what JSON.parse refuses, and nothing else', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"',
    '\\',
    '0',
    '1',
    '-',
    '.',
    'e',
    'true',
    'n',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      expect(goSyntaxError(text) === undefined).toBe(parses(text));
    }),
    { numRuns: 3000 },
  );
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
