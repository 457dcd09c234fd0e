import type { Readable } from 'node:stream';
import { fragment, type ShellCommand, sh } from '../ssh/command.js';
import type { SshCommandResult, SshConnection } from '../ssh/transport.js';

export interface RootShellOptions {
  readonly input?: string | Uint8Array | Readable;
  readonly timeoutMs?: number;
}

/** Runs commands as root on a host, through sudo where the login is another user's. */
export interface RootShell {
  run(command: ShellCommand, options?: RootShellOptions): Promise<SshCommandResult>;
}

/** `asRoot` is false when the user needs sudo, which then must not ask for a password. */
export function rootShell(connection: SshConnection, asRoot: boolean, signal: AbortSignal): RootShell {
  return {
    run(command, options = {}) {
      // A login need not have the system's directories in its path, nor speak English, nor use a POSIX shell.
      const script = sh`export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; ${fragment(command)}`;
      return connection.run(asRoot ? sh`sh -c ${script}` : sh`sudo -n sh -c ${script}`, {
        timeoutMs: 60_000,
        ...options,
        signal,
      });
    },
  };
}

/** Runs the script on standard input as root; exits with 77 and the user's name when that is not possible. */
export function runScriptAsRoot(): ShellCommand {
  const tryRoot = sh`sh -s`;
  const trySudo = sh`sudo -n sh -s`;
  const script = sh`if [ "$(id -u)" = 0 ]; then echo as-root=yes; ${fragment(tryRoot)}; elif sudo -n true 2>/dev/null; then ${fragment(trySudo)}; else id -un; exit 77; fi`;
  return sh`sh -c ${script}`;
}

export const noRootExitCode = 77;
