import type { Readable } from 'node:stream';
import { fragment, type ShellCommand, sh } from '../ssh/command.js';
import type { SshCommandResult, SshConnection } from '../ssh/transport.js';
import { remoteCommandFailed } from './errors.js';
import { asRoot, type Elevation, elevate, withoutPassword } from './sudo.js';

export interface RootShellOptions {
  readonly input?: string | Uint8Array | Readable;
  readonly timeoutMs?: number;
}

/** Runs commands as root on a host, through sudo where the login is another user's. */
export interface RootShell {
  run(command: ShellCommand, options?: RootShellOptions): Promise<SshCommandResult>;
}

/**
 * Runs a script as root, which mostly takes one round trip, and answers the shell for what comes next. Where sudo wants
 * a password, the connection's is taken. Throws SUDO_REQUIRED, SUDO_PASSWORD_WRONG.
 */
export async function runScriptAsRoot(
  connection: SshConnection,
  script: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{ readonly result: SshCommandResult; readonly root: RootShell }> {
  const { signal } = options;
  const result = await connection.run(tryScript(), { input: script, ...options });
  if (result.code !== noRootExitCode) {
    const elevation = result.stdout.startsWith('as-root=yes\n') ? asRoot : withoutPassword;
    return { result, root: rootShell(connection, elevation, signal) };
  }
  const root = rootShell(connection, await elevate(connection, result.stdout.trim(), signal), signal);
  return { result: await root.run(sh`sh -s`, { input: script, timeoutMs: options.timeoutMs }), root };
}

/** For one command. Throws SUDO_REQUIRED, SUDO_PASSWORD_WRONG. */
export async function becomeRoot(connection: SshConnection, signal: AbortSignal): Promise<RootShell> {
  const { result, root } = await runScriptAsRoot(connection, ':\n', { timeoutMs: 60_000, signal });
  if (result.code !== 0) throw remoteCommandFailed('becoming root', result);
  return root;
}

function rootShell(connection: SshConnection, elevation: Elevation, signal: AbortSignal): RootShell {
  return {
    run(command, { input, timeoutMs = 60_000 } = {}) {
      // A login need not have the system's directories in its path, nor speak English, nor use a POSIX shell.
      const script = sh`export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; ${fragment(command)}`;
      const whole = elevation.input(input);
      return connection.run(elevation.command(script), {
        timeoutMs,
        signal,
        ...(whole !== undefined && { input: whole }),
      });
    },
  };
}

/** Runs the script on standard input as root; exits with 77 and the user's name when that is not possible. */
function tryScript(): ShellCommand {
  const tryRoot = sh`sh -s`;
  const trySudo = sh`sudo -n sh -s`;
  const script = sh`if [ "$(id -u)" = 0 ]; then echo as-root=yes; ${fragment(tryRoot)}; elif sudo -n true 2>/dev/null; then ${fragment(trySudo)}; else id -un; exit 77; fi`;
  return sh`sh -c ${script}`;
}

const noRootExitCode = 77;
