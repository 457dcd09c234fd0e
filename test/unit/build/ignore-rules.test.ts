import { ignoreRules } from '../../../src/build/ignore-rules.js';

test.each([
  ['node_modules', 'node_modules', true],
  ['node_modules', 'node_modules/a/b', true],
  ['node_modules', 'src/node_modules', false],
  ['**/node_modules', 'src/node_modules/a', true],
  ['*.md\n!README.md', 'README.md', false],
  ['*.md\n!README.md', 'OTHER.md', true],
  ['/dist/', 'dist/app', true],
  ['# dist', 'dist', false],
  ['DIST', 'dist', false],
  ['\uFEFFdist', 'dist', true],
])('%j about %s: ignored is %s', (text, path, ignored) => {
  expect(ignoreRules(text).ignores(path)).toBe(ignored);
});

test('what the builder reads itself is sent whatever the rules say', () => {
  const rules = ignoreRules('*', ['docker/Dockerfile', '.dockerignore']);

  expect(['docker/Dockerfile', '.dockerignore', 'docker/other'].map(rules.ignores)).toEqual([
    false,
    false,
    true,
  ]);
  expect(rules.mayKeepBelow('docker')).toBe(true);
  expect(rules.mayKeepBelow('src')).toBe(false);
});

test('an exception may be below an ignored directory, also behind a wildcard', () => {
  const rules = ignoreRules('*\n!src/*/keep\n!**/always');

  expect(rules.mayKeepBelow('anything')).toBe(true);
  expect(ignoreRules('*\n!src/*/keep').mayKeepBelow('src/app')).toBe(true);
  expect(ignoreRules('*\n!src/*/keep').mayKeepBelow('lib')).toBe(false);
});
