import { setVariables, unsetVariables } from '../../../src/cli/shells.js';
import { runOrThrow } from '../../../src/shared/spawn.js';

// What `env` prints is evaluated by the real shells, in the way the last line of its output advises.
const values = [
  'plain',
  '/a path/with spaces',
  `quote's and "doubles"`,
  'tcp://[2001:db8::1]:2376',
  '$HOME `id` \\ %PATH%',
];
const shells = ['sh', 'bash', 'zsh', 'fish', 'tcsh'];

describe.each(shells)('setVariables() for %s', (shell) => {
  test.each(values)('gives a child process exactly: %s', async (value) => {
    const code = setVariables(shell, [['TSM_VALUE', value]]);

    const { stdout } = await runOrThrow([shell, '-c', evaluating(shell), 'shell'], {
      env: environment({ CODE: code }),
    });

    expect(stdout).toBe(`TSM_VALUE=${value}\n`);
  });
});

test.each(shells)('unsetVariables() for %s takes a variable away', async (shell) => {
  const code = unsetVariables(shell, ['TSM_VALUE']);

  const { stdout } = await runOrThrow([shell, '-c', `${evaluating(shell)}; echo end`], {
    env: environment({ CODE: code, TSM_VALUE: 'old' }),
  });

  expect(stdout).toBe('end\n');
});

/** `printenv CODE` stands for `tsmachine env`. */
function evaluating(shell: string): string {
  const show = 'env | grep ^TSM_VALUE= || true';
  if (shell === 'fish') return `eval (printenv CODE); ${show}`;
  if (shell === 'tcsh') return `eval \`printenv CODE\`; ${show.replace(' || true', '')}; true`;
  return `eval "$(printenv CODE)"; ${show}`;
}

function environment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: '/nonexistent', ...variables };
}
