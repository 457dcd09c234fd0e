import { expandWord } from '../../../../src/agent/build/dockerfile/expand.js';
import { parseDockerfile } from '../../../../src/agent/build/dockerfile/parser.js';
import { lintDockerfile } from '../../../../src/agent/build/lint/lint.js';

// A Dockerfile of up to 2 MiB is read in about a second, whatever is in it: the agent does nothing else meanwhile.

const size = 2 * 1024 * 1024 - 100;
const filled = (text: string, length = size): string => text.repeat(Math.floor(length / text.length));

test.each([
  ['many flags', `FROM a\nRUN ${filled('--mount=a ')}x`, undefined],
  ['many backslashes', `FROM a\nRUN ${filled('\\ ')}x`, undefined],
  ['a line that goes on and on', `FROM a\nRUN ${filled('a\\\n')}x`, undefined],
  ['empty lines in a line', `FROM a\nRUN a\\\n${filled('\n')}x`, undefined],
  ['comments in a line', `FROM a\nRUN a \\\n${filled('#a\n')}b`, undefined],
  ['many heredocs', `FROM a\nRUN ${filled('<<a ', 1e6)}\n${filled('a\n', 1e6)}`, 'exceeds the limit of 5000'],
  ['a heredoc without an end', `FROM a\nRUN ${filled('<<a ')}`, 'line 2: unterminated heredoc'],
  ['many variables', `FROM a\nENV ${filled('a=b ')}`, undefined],
  ['quotes', `FROM a\nENV a=${filled('"')}`, undefined],
  ['half a list', `FROM a\nRUN ${filled('[')}`, undefined],
  ['a long list', `FROM a\nCMD [${filled('"a",')}"a"]`, undefined],
  ['a long word', filled('x'), /line 1: unknown instruction: x{200}…$/],
  ['a directive of blanks', `# escape=${filled(' ')}y z\nFROM a`, "invalid escape token 'y z'"],
  ['triggers of triggers', `FROM a\n${filled('ONBUILD ', 1e6)}`, 'ONBUILD ONBUILD'],
  ['many instructions', filled('RUN a\n'), 'the number of instructions exceeds the limit of 5000'],
  ['many stages', filled('FROM a\n', 34_000), undefined],
  ['a long name of an image', `FROM ${filled('a ')}`, 'FROM requires either one or three arguments'],
  ['Windows line ends', `\uFEFFFROM a\r\nRUN b\r\n${filled('\r\n')}`, undefined],
  ['UTF-16', 'F\0R\0O\0M\0 \0a\0', 'line 1: a NUL byte: is it UTF-8?'],
  ['more than 2 MiB', `FROM a\n${filled('#', 3 * 1024 * 1024)}`, 'exceeds the limit of 2 MiB'],
])(
  '%s',
  (_, source, error) => {
    if (error === undefined) expect(parseDockerfile(source).stages.length).toBeGreaterThan(0);
    else expect(() => parseDockerfile(source)).toThrow(error);
  },
  120_000,
);

test('stages of which each stands on the one before are checked, however many', async () => {
  const stages = Array.from({ length: 4900 }, (_, index) => `FROM s${index} AS s${index + 1}`);
  const dockerfile = ['FROM a AS s0', ...stages].join('\n');
  const platform = { os: 'linux', architecture: 'amd64' };

  const warnings = await lintDockerfile({
    ...{ dockerfile, dockerfileName: 'Dockerfile', buildArgs: new Map(), target: undefined, platform },
    ...{ check: undefined, isReplaced: () => false, env: async () => undefined },
  });

  expect(warnings).toEqual([]);
}, 120_000);

test.each([
  ['a value many times', filled('$A', 4_000), 'what variables are replaced by exceeds the limit of 1 MiB'],
  ['a value in quotes many times', `"${filled('$A', 4_000)}"`, 'exceeds the limit of 1 MiB'],
  [
    'variables in variables',
    `${filled('${B:-', 500_000)}`,
    'the depth of nested variables exceeds the limit of 100',
  ],
  [
    'a pattern in a long value',
    '${LONG//a*b/c}',
    'a value that a pattern is looked for in exceeds the limit of 4 KiB',
  ],
  ['the end of a long value', '${LONG%%*a*b}', 'exceeds the limit of 4 KiB'],
])('%s is too much', (_, word, error) => {
  const variables = new Map([...Object.entries({ A: 'a'.repeat(4096), LONG: 'a'.repeat(4097) })]);

  expect(() => expandWord(word, variables, '\\')).toThrow(error);
});

test('a value of the largest size is searched for any pattern', () => {
  const variables = new Map([['A', 'a'.repeat(4096)]]);

  expect(expandWord('${A//a*a*a*b/x}', variables, '\\')).toBe('a'.repeat(4096));
  expect(expandWord('${A//a*a*a*/x}', variables, '\\')).toBe('x');
  expect(expandWord('${A%%*a*a*b}', variables, '\\')).toBe('a'.repeat(4096));
}, 120_000);
