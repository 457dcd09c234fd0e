import fc from 'fast-check';
import { expandWord, expandWords } from '../../../../src/agent/build/dockerfile/expand.js';
import { parseDockerfile } from '../../../../src/agent/build/dockerfile/parser.js';
import { parseMountFlag } from '../../../../src/agent/build/dockerfile/run-mount.js';
import { isTsmachineError } from '../../../../src/shared/errors.js';

/** Name and arguments of the instructions after FROM. */
function instructions(...lines: readonly string[]) {
  const { stages } = parseDockerfile(['FROM x', ...lines].join('\n'));
  return stages[0]?.instructions.map(({ name, args }) => [name, ...args]);
}

describe('a Dockerfile', () => {
  test('joins continued lines, without the comments and empty lines between them', () => {
    expect(instructions('RUN a \\', '  # no', '', '  b \\  ', '# no', 'c', '# end')).toEqual([
      ['RUN', 'a   b c'],
    ]);
  });

  test('takes another escape character by its directive', () => {
    const { stages } = parseDockerfile('# syntax=docker/dockerfile:1\n# escape=`\nFROM x\nRUN a `\n  C:\\\n');

    expect(stages[0]?.instructions[0]?.args).toEqual(['a   C:\\']);
  });

  test('takes a comment for a directive only at its beginning', () => {
    expect(() => parseDockerfile('# comment\n# escape=x\nFROM x')).not.toThrow();
  });

  test.each([
    ['RUN ["a", "b c"]', ['RUN', 'a', 'b c']],
    ['RUN ["a", b]', ['RUN', '["a", b]']],
    ['ENV A=1 B="x y" C=\\ z', ['ENV', 'A=1', 'B="x y"', 'C=\\ z']],
    ['ENV A some words', ['ENV', 'A=some words']],
    ['COPY ["a b", "/c"]', ['COPY', 'a b', '/c']],
    ['CMD', ['CMD']],
    ['expose 80  81', ['EXPOSE', '80', '81']],
  ])('reads %s', (line, expected) => {
    expect(instructions(line)).toEqual([expected]);
  });

  test('reads flags up to the first word that is none', () => {
    const { stages } = parseDockerfile(
      'FROM x\nCOPY --chown=1:2 --link --exclude=a --exclude=b --from=0 a --b /c\n',
    );

    expect(stages[0]?.instructions[0]).toMatchObject({ args: ['a', '--b', '/c'] });
    expect([...(stages[0]?.instructions[0]?.flags ?? [])]).toEqual([
      ['chown', ['1:2']],
      ['link', ['true']],
      ['exclude', ['a', 'b']],
      ['from', ['0']],
    ]);
  });

  test('reads heredocs: several, quoted, without tabs', () => {
    const { stages } = parseDockerfile('FROM x\nCOPY <<A <<-"B" /\n$a\nA\n\t\tb\n\tB\nCMD x\n');

    expect(stages[0]?.instructions[0]?.heredocs).toEqual([
      { name: 'A', expand: true, content: '$a\n' },
      { name: 'B', expand: false, content: 'b\n' },
    ]);
    expect(stages[0]?.instructions[1]?.name).toBe('CMD');
  });

  test.each([
    ['', 'the Dockerfile (Dockerfile) cannot be empty'],
    ['# nothing', 'dockerfile parse error on line 1: file with no instructions'],
    ['FROM x\nRUN a \\\n  b\nBAR', 'dockerfile parse error on line 4: unknown instruction: BAR'],
    ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
    [
      'FROM x AS 1a',
      'invalid name for build stage: "1a", name can\'t start with a number or contain symbols',
    ],
    ['FROM x\nRUN <<E\na', 'dockerfile parse error on line 2: unterminated heredoc'],
    ['FROM x\nCOPY --nope a b', 'unknown flag: --nope'],
    ['FROM x\nCOPY --from=a --from=b a b', 'Duplicate flag specified: from'],
    ['FROM x\nCOPY --chown a b', 'Missing a value on flag: chown'],
    ['FROM x\nADD --link=no a b', 'Expecting boolean value for flag link, not: no'],
    ['FROM x\nENV =a', 'ENV names can not be blank'],
    ['FROM x\nENV a=1 b', 'can\'t find = in "b". Must be of the form: name=value'],
    ['FROM x\nONBUILD FROM y', "FROM isn't allowed as an ONBUILD trigger"],
    ['FROM x\nONBUILD ONBUILD RUN y', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
    ['FROM x\nSHELL sh', 'SHELL requires the arguments to be in JSON form'],
    ['# escape=x\nFROM x', "invalid escape token 'x' does not match ` or \\"],
    ['# escape=`\n# escape=`\nFROM x', 'only one escape parser directive can be used'],
  ])('%j is refused in words of docker', (source, message) => {
    expect(() => parseDockerfile(source)).toThrow(message);
  });

  test('of nonsense is refused with an error of ours, whatever it is', () => {
    const word = fc.constantFrom(
      ...[
        'FROM',
        'RUN',
        'COPY',
        'ADD',
        'ENV',
        'ARG',
        'ONBUILD',
        'HEALTHCHECK',
        '--',
        '--mount=',
        '<<',
        '<<A',
        'A',
      ],
      ...[
        '\\',
        '`',
        '"',
        "'",
        '[',
        ']',
        '$',
        '${',
        '}',
        '=',
        '#',
        '# escape=`',
        '\n',
        '\t',
        ' ',
        '__proto__',
        '\0',
      ],
    );
    const source = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(word, fc.string())).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(source, (text) => {
        try {
          parseDockerfile(text);
        } catch (error) {
          if (!isTsmachineError(error)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('of many or of large lines is refused', () => {
    expect(() => parseDockerfile(`FROM x\n${'RUN x\n'.repeat(6_000)}`)).toThrow('exceeds the limit of 5000');
    expect(() => parseDockerfile(`FROM x\nRUN ${'x'.repeat(3_000_000)}`)).toThrow(
      'exceeds the limit of 2 MiB',
    );
  });
});

describe('variables', () => {
  const variables = new Map([
    ...([
      ['V', 'value'],
      ['E', ''],
      ['P', '/a/b/c.tar.gz'],
      ['W', 'two  words'],
      ['B', 'aXbXc'],
    ] as const),
  ]);

  test.each([
    ['$V-$NO-${V}x', 'value--valuex'],
    ['\'$V\' "$V" \\$V', '$V value $V'],
    ['${NO:-d}${E:-e}${E-f}${V:-g}', 'devalue'],
    ['${NO:+d}${E:+e}${E+f}${V:+g}', 'fg'],
    ['${NO:-${V}}', 'value'],
    ['${NO:-"a b}"}', 'a b}'],
    ['${P#*/}|${P##*/}', 'a/b/c.tar.gz|c.tar.gz'],
    ['${P%.*}|${P%%.*}', '/a/b/c.tar|/a/b/c'],
    ['${B/X/-}|${B//X/-}|${B//X/}', 'a-bXc|a-b-c|abc'],
    ['${B/[/-}', 'aXbXc'],
    ['$1$@', ''],
    ['a\\b"\\c"', 'ab\\c'],
    ['$', '$'],
  ])('%s is %j', (word, expected) => {
    expect(expandWord(word, variables, '\\')).toBe(expected);
  });

  test.each([
    ['${V', "missing '}'"],
    ['${}', 'bad substitution'],
    ['${V!x}', 'unsupported modifier (!) in substitution'],
    ['${NO:?is not set}', 'NO: is not set'],
    ["'a", 'matching single-quote'],
    ['"a', 'matching double-quote'],
  ])('%s is refused', (word, message) => {
    expect(() => expandWord(word, variables, '\\')).toThrow(message);
  });

  test('split words where they are not quoted', () => {
    expect(expandWords('a$W "$W"', variables, '\\')).toEqual(['atwo', 'words', 'two  words']);
  });

  test('never crash nor hang', () => {
    const text = fc.array(
      fc.constantFrom('$', '{', '}', '*', '?', '/', '#', '%', ':', '-', '"', "'", '\\', 'V', 'x'),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(text, (parts) => {
        try {
          expandWord(parts.join(''), variables, '\\');
        } catch (error) {
          if (!isTsmachineError(error)) throw error;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('RUN --mount', () => {
  test('reads its fields under all their names', () => {
    expect(parseMountFlag('type=cache,dst=/c,id=x,sharing=locked,mode=0755,uid=1,ro')).toEqual({
      ...{ type: 'cache', target: '/c', id: 'x', sharing: 'locked', mode: 0o755, uid: 1, readonly: true },
    });
  });

  test.each([
    ['type=nope,target=/x', 'unsupported mount type "nope"'],
    ['foo=bar', "unexpected key 'foo' in 'foo=bar'"],
    ['type=cache', 'field target must not be empty'],
    ['target=/x,constructor=1', "unexpected key 'constructor'"],
  ])('%s is refused', (text, message) => {
    expect(() => parseMountFlag(text)).toThrow(message);
  });
});
