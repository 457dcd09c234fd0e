import { parseDotenv, parseRawEnv } from '../../../../src/compose/file/dotenv.js';

const shell: Readonly<Record<string, string>> = { HOME: '/home/me', B: 'of the shell' };

function parse(text: string): Readonly<Record<string, string>> {
  const variables = parseDotenv(text, '.env', { lookup: (name) => shell[name], unset: () => {} });
  return Object.fromEntries(variables);
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are Compose's
test.each<[string, Readonly<Record<string, string>>]>([
  ['A=1\nC=2', { A: '1', C: '2' }],
  ['\uFEFFA=1', { A: '1' }],
  ['\n  # comment\n\nexport A=1\n', { A: '1' }],
  ['A = spaced  ', { A: 'spaced' }],
  ['A: yaml', { A: 'yaml' }],
  ['A=1 # comment\nC=1#no comment', { A: '1', C: '1#no comment' }],
  ['A="x # y" # comment', { A: 'x # y' }],
  ["A='$HOME # \\n'", { A: '$HOME # \\n' }],
  ["A='it\\'s'", { A: "it's" }],
  ['A="say \\"hi\\""', { A: 'say "hi"' }],
  ['A="a\\nb\\tc\\\\d"', { A: 'a\nb\tc\\d' }],
  ['A="one\ntwo"\nC=3', { A: 'one\ntwo', C: '3' }],
  ['A=$HOME/${X:-y}', { A: '/home/me/y' }],
  ['A="\\$HOME $$HOME"', { A: '$HOME $HOME' }],
  ['X=1\nA=$X-$B', { X: '1', A: '1-of the shell' }],
  ['B=of the file\nA=$B', { B: 'of the file', A: 'of the shell' }],
  ['HOME\nNOT_THERE', { HOME: '/home/me' }],
  ['A=\nC=""', { A: '', C: '' }],
  ['A=1\r\nC=2\r\n', { A: '1', C: '2' }],
  ['1A=x\nA=1', { A: '1' }],
  ['a.b-c[0]=1', { 'a.b-c[0]': '1' }],
  ['A=a=b', { A: 'a=b' }],
])('%j is %j', (text, variables) => {
  expect(parse(text)).toEqual(variables);
});

test.each([
  ['A=1\nB%=2', '.env:2: unexpected character "%" in variable name "B%=2"'],
  ['A=1\n\nB="x\ny', '.env:3: unterminated quoted value "x'],
  ['A B=1', '.env:1: key cannot contain a space'],
  ['A=${', '.env:1: cannot interpolate ${'],
])('%j cannot be read', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test('the raw format knows neither quotes nor variables', () => {
  const variables = parseRawEnv('# c\nA="$HOME" # x\n\n B =1\nC');
  expect([...variables]).toEqual([
    ['A', '"$HOME" # x'],
    ['B', '1'],
    ['C', ''],
  ]);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are Compose's
