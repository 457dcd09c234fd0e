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
    run: (command, options = {}) =>
      connection.run(asRoot ? command : sh`sudo -n sh -c ${command}`, {
        timeoutMs: 60_000,
        ...options,
        signal,
      }),
  };
}

/** Runs the script on standard input as root; exits with 77 and the user's name when that is not possible. */
export function runScriptAsRoot(): ShellCommand {
  const tryRoot = sh`sh -s`;
  const trySudo = sh`sudo -n sh -s`;
  return sh`if [ "$(id -u)" = 0 ]; then echo as-root=yes; ${fragment(tryRoot)}; elif sudo -n true 2>/dev/null; then ${fragment(trySudo)}; else id -un; exit 77; fi`;
}

export const noRootExitCode = 77;
