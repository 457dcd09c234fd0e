import { excludeMatcher, ignorePatterns, pathPattern } from '../../../../src/agent/build/copy/patterns.js';

test.each([
  ['*.txt', 'a.txt', true],
  ['*.txt', 'd/a.txt', false],
  ['d/?', 'd/a', true],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
])('filepath.Match: %s and %s', (pattern, path, expected) => {
  expect(pathPattern(pattern).test(path)).toBe(expected);
});

test.each([
  [['d'], 'd/below/it', true],
  [['**/x'], 'a/b/x', true],
  [['**/x'], 'x', true],
  [['a/**/z'], 'a/z', true],
  [['*', '!keep'], 'keep', false],
  [['*', '!keep'], 'other', true],
  [['!keep', '*'], 'keep', true],
  [['/lead/'], 'lead', true],
  [['*.md', '!README*.md', 'README-secret.md'], 'README-secret.md', true],
])('.dockerignore: %j and %s', (patterns, path, expected) => {
  expect(excludeMatcher(patterns)(path)).toBe(expected);
});

test('a .dockerignore file has comments and empty lines', () => {
  expect(ignorePatterns('\uFEFF# no\n\na\r\n  b \n')).toEqual(['a', '  b ']);
});
