import { checkDirective, lintDockerfile } from '../../../../src/agent/build/lint/lint.js';
import { ruleUrl } from '../../../../src/agent/build/lint/rules.js';
import { usedNames } from '../../../../src/agent/build/lint/used-names.js';

async function lint(
  dockerfile: string,
  { isHere = true, target = undefined as string | undefined } = {},
): Promise<string[]> {
  const warnings = await lintDockerfile({
    ...{ dockerfile, dockerfileName: 'Dockerfile', buildArgs: new Map(), target, check: undefined },
    platform: { os: 'linux', architecture: 'amd64' },
    isReplaced: (name) => name === 'replaced',
    env: async () => (isHere ? ['BASE=1'] : undefined),
  });
  return warnings.map(({ rule, detail, line }) => `${line} ${rule}: ${detail}`);
}

test.each([
  ['FROM a AS One', ["1 StageNameCasing: Stage name 'One' should be lowercase"]],
  ['FROM a as one', ["1 FromAsCasing: 'as' and 'FROM' keywords' casing do not match"]],
  ['from a as one', []],
  ['FROM a\nRUN x \\\n\n y', ['4 NoEmptyContinuation: Empty continuation line']],
  ['FROM a\nRUN x \\\n # comment\n y', []],
  [
    'FROM a\nRun x\nrun y\nRUN z',
    [
      "2 ConsistentInstructionCasing: Command 'Run' should match the case of the command majority (uppercase)",
      "3 ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase)",
    ],
  ],
  [
    'FROM a AS x\nFROM a AS x',
    ['2 DuplicateStageName: Duplicate stage name "x", stage names should be unique'],
  ],
  [
    'FROM a AS scratch',
    ['1 ReservedStageName: Stage name should not use the same name as reserved stage "scratch"'],
  ],
  [
    'FROM a\nCMD x',
    [
      '2 JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
    ],
  ],
  ['FROM a\nSHELL ["/bin/sh"]\nCMD x', []],
  [
    'FROM a\nMAINTAINER me',
    ['2 MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label'],
  ],
  [
    'ARG IMAGE=a\nFROM $IMAEG',
    ["2 UndefinedArgInFrom: FROM argument 'IMAEG' is not declared (did you mean IMAGE?)"],
  ],
  ['FROM --platform=$BUILDPLATFORM a', []],
  [
    'ARG TAG\nFROM a:$TAG',
    ['2 InvalidDefaultArgInFrom: Default value for ARG a:$TAG results in empty or invalid base image name'],
  ],
  ['ARG TAG=1\nFROM a:$TAG', []],
  [
    'FROM a\nWORKDIR app',
    ['2 WorkdirRelativePath: Relative workdir "app" can have unexpected results if the base image changes'],
  ],
  ['FROM a AS x\nWORKDIR /a\nFROM x\nWORKDIR app', []],
  [
    'FROM a\nARG name\nCOPY $nmae $BASE $HTTP_PROXY ${x:-y} /',
    ["3 UndefinedVar: Usage of undefined variable '$nmae' (did you mean $name?)"],
  ],
  ["FROM a AS x\nARG A\nFROM x\nENV B=$A C='$C' D=\\$D", []],
  ['FROM scratch\nENV B=$A', ["2 UndefinedVar: Usage of undefined variable '$A'"]],
  ['FROM replaced\nENV B=$A', []],
  ['FROM a\nRUN echo $UNKNOWN', []],
  [
    'FROM a\nCMD ["x"]\nCMD ["y"]',
    [
      '2 MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used',
    ],
  ],
  [
    'FROM a\nENV a b\nLABEL c=d "e f"=g',
    ['2 LegacyKeyValueFormat: "ENV key=value" should be used instead of legacy "ENV key value" format'],
  ],
  [
    'FROM --platform=$TARGETPLATFORM a',
    [
      '1 RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
    ],
  ],
  [
    'ARG db_password\nFROM a\nENV API_KEY=x PUBLIC_KEY=y keyboard=z',
    [
      '1 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG "db_password")',
      '3 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "API_KEY")',
    ],
  ],
  [
    'FROM --platform=linux/arm64 a',
    ['1 FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value "linux/arm64"'],
  ],
  ['FROM --platform=linux/arm64 a AS build-arm64', []],
  [
    'FROM a\nEXPOSE 80/TCP',
    ["2 ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase"],
  ],
  ['# check=skip=JSONArgsRecommended, MaintainerDeprecated\nFROM a\nCMD x\nMAINTAINER me', []],
  ['# check=skip=all\nFROM a\nCMD x', []],
])('%j', async (dockerfile, wanted) => {
  expect(await lint(dockerfile)).toEqual(wanted);
});

test('instructions of stages that are not needed, and variables upon an image that is not here, are not checked', async () => {
  const dockerfile = 'FROM a AS one\nENV B=$A\nFROM a AS two\nCMD x';

  expect(await lint(dockerfile, { target: 'one' })).toEqual([
    "2 UndefinedVar: Usage of undefined variable '$A'",
  ]);
  expect(await lint(dockerfile, { target: 'one', isHere: false })).toEqual([]);
});

test.each([
  ['# check=error=true\nFROM a', undefined, { skip: new Set(), isError: true }],
  ['# syntax=x\n# check=skip=A;error=0', undefined, { skip: new Set(['A']), isError: false }],
  ['FROM a\n# check=error=true', undefined, { skip: new Set(), isError: false }],
  ['# check=error=true', 'skip=all', { skip: 'all', isError: false }],
])('directives of %j and the argument %j', (dockerfile, given, wanted) => {
  expect(checkDirective(dockerfile, given)).toEqual(wanted);
});

test('a directive that nobody knows is refused', () => {
  expect(() => checkDirective('# check=jump=high', undefined)).toThrow('invalid check option "jump"');
});

test('addresses of the rules', () => {
  expect(ruleUrl('JSONArgsRecommended')).toBe(
    'https://docs.docker.com/go/dockerfile/rule/json-args-recommended/',
  );
});

test.each([
  ['$A-${B}-${C#x}', ['A', 'B', 'C']],
  ['${A:-$B}${C-x}${D:+y}${E?z}', ['B']],
  ['\'$A\' "$B" \\$C $1', ['B']],
])('variables that %j needs', (word, wanted) => {
  expect(usedNames(word)).toEqual(wanted);
});
