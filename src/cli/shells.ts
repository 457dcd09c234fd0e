/** Syntax of one kind of shell, as docker-machine's `env` prints it. */
interface ShellSyntax {
  set(name: string, value: string): string;
  unset(name: string): string;
  /** Before a comment line. */
  readonly comment: string;
  /** What the user types to evaluate the output of a command. */
  evaluate(commandLine: string): string;
}

const posix: ShellSyntax = {
  set: (name, value) => `export ${name}="${value.replace(/[\\"$`]/g, '\\$&')}"`,
  unset: (name) => `unset ${name}`,
  comment: '#',
  evaluate: (command) => `eval $(${command})`,
};

const fish: ShellSyntax = {
  set: (name, value) => `set -gx ${name} "${value.replace(/[\\"$]/g, '\\$&')}";`,
  unset: (name) => `set -e ${name};`,
  comment: '#',
  evaluate: (command) => `eval (${command})`,
};

const powershell: ShellSyntax = {
  set: (name, value) => `$Env:${name} = "${value.replace(/[`"$]/g, '`$&')}"`,
  unset: (name) => `Remove-Item Env:\\\\${name}`,
  comment: '#',
  evaluate: (command) => `& ${command} | Invoke-Expression`,
};

const cmd: ShellSyntax = {
  // The quoted form only where it is needed: with it, a quote of the value itself would be lost.
  set: (name, value) => (/[&|<>^()]/.test(value) ? `SET "${name}=${value}"` : `SET ${name}=${value}`),
  unset: (name) => `SET ${name}=`,
  comment: 'REM',
  evaluate: (command) => `\t@FOR /f "tokens=*" %i IN ('${command}') DO @%i`,
};

const tcsh: ShellSyntax = {
  // Inside double quotes tcsh has no way to write $ ` ! or a quote: such values go into single ones.
  set: (name, value) => `setenv ${name} ${/[$`!"\\]/.test(value) ? tcshQuoted(value) : `"${value}"`};`,
  unset: (name) => `unsetenv ${name};`,
  comment: ':',
  // A bare backquote would run in the comment too, since ":" is a command whose words are expanded.
  evaluate: (command) => `'eval \`${command}\`'`,
};

const emacs: ShellSyntax = {
  set: (name, value) => `(setenv "${name}" "${value.replace(/[\\"]/g, '\\$&')}")`,
  unset: (name) => `(setenv "${name}" nil)`,
  comment: ';;',
  evaluate: (command) => `(with-temp-buffer (shell-command "${command}" (current-buffer)) (eval-buffer))`,
};

const shells: Readonly<Record<string, ShellSyntax>> = { fish, powershell, cmd, tcsh, emacs };

/** One line for each variable; names that are not listed are written as for bash. */
export function setVariables(shell: string, variables: readonly (readonly [string, string])[]): string {
  const { set } = syntaxOf(shell);
  return variables.map(([name, value]) => `${set(name, value)}\n`).join('');
}

export function unsetVariables(shell: string, names: readonly string[]): string {
  const { unset } = syntaxOf(shell);
  return names.map((name) => `${unset(name)}\n`).join('');
}

/** The two comment lines at the end: what to type to have the lines above evaluated. */
export function usageHint(shell: string, argv: readonly string[]): string {
  const { comment, evaluate } = syntaxOf(shell);
  const command = argv.map((word) => (/[\s\\]/.test(word) ? `"${word}"` : word)).join(' ');
  return `${comment} Run this command to configure your shell: \n${comment} ${evaluate(command)}\n`;
}

/** $SHELL's last part; without it the system's own shell. */
export function detectShell(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const path = environment['SHELL'];
  if (path) return (path.split(/[\\/]/).at(-1) ?? 'sh').replace(/\.exe$/, '');
  if (platform !== 'win32') return 'sh';
  return environment['PSModulePath'] && !environment['PROMPT'] ? 'powershell' : 'cmd';
}

function syntaxOf(shell: string): ShellSyntax {
  return shells[shell] ?? posix;
}

function tcshQuoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`).replaceAll('!', '\\!')}'`;
}
