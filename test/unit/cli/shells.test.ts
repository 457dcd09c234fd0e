import { detectShell, setVariables, unsetVariables, usageHint } from '../../../src/cli/shells.js';
import { run } from '../../../src/shared/spawn.js';

const variables = [
  ['DOCKER_HOST', 'tcp://10.0.0.1:2376'],
  ['DOCKER_CERT_PATH', '/home/u/.tsmachine/machines/web'],
] as const;
const argv = ['tsmachine', 'env', 'web'];

const golden: readonly (readonly [shell: string, set: string, unset: string, hint: string])[] = [
  [
    'bash',
    'export DOCKER_HOST="tcp://10.0.0.1:2376"\nexport DOCKER_CERT_PATH="/home/u/.tsmachine/machines/web"\n',
    'unset DOCKER_HOST\n',
    '# Run this command to configure your shell: \n# eval $(tsmachine env web)\n',
  ],
  [
    'fish',
    'set -gx DOCKER_HOST "tcp://10.0.0.1:2376";\nset -gx DOCKER_CERT_PATH "/home/u/.tsmachine/machines/web";\n',
    'set -e DOCKER_HOST;\n',
    '# Run this command to configure your shell: \n# eval (tsmachine env web)\n',
  ],
  [
    'powershell',
    '$Env:DOCKER_HOST = "tcp://10.0.0.1:2376"\n$Env:DOCKER_CERT_PATH = "/home/u/.tsmachine/machines/web"\n',
    'Remove-Item Env:\\\\DOCKER_HOST\n',
    '# Run this command to configure your shell: \n# & tsmachine env web | Invoke-Expression\n',
  ],
  [
    'cmd',
    'SET DOCKER_HOST=tcp://10.0.0.1:2376\nSET DOCKER_CERT_PATH=/home/u/.tsmachine/machines/web\n',
    'SET DOCKER_HOST=\n',
    `REM Run this command to configure your shell: \nREM \t@FOR /f "tokens=*" %i IN ('tsmachine env web') DO @%i\n`,
  ],
  [
    'tcsh',
    'setenv DOCKER_HOST "tcp://10.0.0.1:2376";\nsetenv DOCKER_CERT_PATH "/home/u/.tsmachine/machines/web";\n',
    'unsetenv DOCKER_HOST;\n',
    ": Run this command to configure your shell: \n: 'eval `tsmachine env web`'\n",
  ],
  [
    'emacs',
    '(setenv "DOCKER_HOST" "tcp://10.0.0.1:2376")\n(setenv "DOCKER_CERT_PATH" "/home/u/.tsmachine/machines/web")\n',
    '(setenv "DOCKER_HOST" nil)\n',
    ';; Run this command to configure your shell: \n' +
      ';; (with-temp-buffer (shell-command "tsmachine env web" (current-buffer)) (eval-buffer))\n',
  ],
];

test.each(golden)('%s is written as docker-machine does', (shell, set, unset, hint) => {
  expect(setVariables(shell, variables)).toBe(set);
  expect(unsetVariables(shell, ['DOCKER_HOST'])).toBe(unset);
  expect(usageHint(shell, argv)).toBe(hint);
});

const awkward = `it's "quoted" $HOME \`id\` back\\slash; rm -rf & | <x> é`;

describe.each(['bash', 'sh'])('a real %s', (shell) => {
  test.each([
    ['quoted', () => 'eval "$(cat)"', awkward],
    ['unquoted, as in docker-machine’s own hint', () => 'eval $(cat)', `it's "quoted" $HOME \`id\``],
  ])('reads back any value when evaluated %s', async (_, script, value) => {
    const code = `${setVariables(shell, [
      ['FIRST', 'one'],
      ['VALUE', value],
    ])}${usageHint(shell, argv)}`;

    const { stdout, stderr } = await run([shell, '-c', `${script()}; printf %s "$FIRST/$VALUE"`], {
      input: code,
    });

    expect({ stdout, stderr }).toEqual({ stdout: `one/${value}`, stderr: '' });
  });

  test('loses the variables again', async () => {
    const code = `${unsetVariables(shell, ['VALUE'])}${usageHint(shell, argv)}`;
    const env = { PATH: process.env['PATH'], VALUE: 'x' };

    const { stdout } = await run([shell, '-c', 'eval "$(cat)"; [ -z "$VALUE" ] && printf gone'], {
      input: code,
      env,
    });

    expect(stdout).toBe('gone');
  });
});

test.each([
  [{ SHELL: '/usr/bin/fish' }, 'linux', 'fish'],
  [{ SHELL: 'C:\\Program Files\\Git\\usr\\bin\\bash.exe' }, 'win32', 'bash'],
  [{}, 'linux', 'sh'],
  [{ PSModulePath: 'C:\\x' }, 'win32', 'powershell'],
  [{ PSModulePath: 'C:\\x', PROMPT: '$P$G' }, 'win32', 'cmd'],
] as const)('detectShell() of %j on %s is %s', (environment, platform, shell) => {
  expect(detectShell(environment, platform)).toBe(shell);
});
