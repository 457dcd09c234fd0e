import { readYaml } from '../../../../src/compose/file/yaml-file.js';

const content = (text: string) => readYaml(text, 'f.yaml')[0]?.content;

test('anchors and merge keys are resolved; what a mapping says itself comes first', () => {
  const text = 'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\nd: {y: 9, <<: *a}\ne: *a';
  expect(content(text)).toMatchObject({ c: { x: 1, y: 1, z: 3 }, d: { x: 1, y: 9 }, e: { x: 1, y: 1 } });
});

test('numbers with a leading zero are octal, those with underscores are numbers', () => {
  expect(content('a: 0440\nb: 0o17\nc: 1_000\nd: 0x1f\ne: 08\nf: yes\ng: ~\nh: 1e3')).toEqual({
    ...{ a: 0o440, b: 15, c: 1000, d: 31, e: 8, f: 'yes', g: null, h: 1000 },
  });
});

test('every document of a file counts', () => {
  expect(readYaml('a: 1\n---\nb: 2\n', 'f').map((document) => document.content)).toEqual([
    { a: 1 },
    { b: 2 },
  ]);
  expect(readYaml('', 'f')).toEqual([]);
});

test('!reset removes, !override stays; both are noted', () => {
  const [document] = readYaml('a: {b: !reset [], c: !override {d: 1}, e: [1, !reset 2, 3]}', 'f');
  expect(document?.content).toEqual({ a: { c: { d: 1 }, e: [1, 3] } });
  expect(document?.replaced).toEqual([
    ['a', 'b'],
    ['a', 'c'],
    ['a', 'e', 1],
  ]);
});

test('a path is found, through aliases and merge keys, or the closest one around it', () => {
  const [document] = readYaml('x: &x\n  k: 1\na:\n  <<: *x\n  l:\n    - m\n    - n: 1\n', 'f');
  expect(document?.locate(['a', 'k'])).toEqual({ line: 2, column: 3, depth: 2 });
  expect(document?.locate(['a', 'l', 1, 'n'])).toEqual({ line: 7, column: 7, depth: 4 });
  expect(document?.locate(['a', 'l', 5, 'n'])).toEqual({ line: 5, column: 3, depth: 2 });
  expect(document?.locate(['nowhere'])).toEqual({ line: 1, column: 1, depth: 0 });
});

test.each([
  ['a: [1\nb: 2', /^f\.yaml:2:1: /],
  ['a:\n\tb: 1', /^f\.yaml:2:1: Tabs are not allowed as indentation$/],
  ['a: 1\na: 2', /^f\.yaml:2:1: mapping key "a" already defined$/],
  ['- a', /^f\.yaml:1:1: top-level object must be a mapping$/],
  ['a: *b', /^f\.yaml:1:4: unknown anchor 'b' referenced$/],
  ['a: {<<: 1}', /^f\.yaml:1:9: map merge requires map or sequence of maps as the value$/],
  ['a: {1: b}', /^f\.yaml:1:5: non-string key in a: 1$/],
  ['a: !rest []', /^f\.yaml:1:10: unknown tag !rest: did you mean !reset\?$/],
  ['a: !overide {b: 1}', /^f\.yaml:1:13: unknown tag !overide: did you mean !override\?$/],
  ['a: &a [*a]', /^f\.yaml:1:8: cycle detected: an anchor contains itself$/],
])('%j is refused with its place', (text, message) => {
  expect(() => readYaml(text, 'f.yaml')).toThrow(message);
});
