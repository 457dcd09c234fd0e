import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { fragment, type ShellCommand, sh } from '../ssh/command.js';
import type { RunOptions, SshConnection } from '../ssh/transport.js';
import { sudoPasswordWrong, sudoRequired } from './errors.js';

/** How a command becomes root's: through what, and with what before its own input. */
export interface Elevation {
  command(script: ShellCommand): ShellCommand;
  input(given: RunOptions['input']): RunOptions['input'];
}

/** The login is root's. */
export const asRoot: Elevation = { command: (script) => sh`sh -c ${script}`, input: (given) => given };

export const withoutPassword: Elevation = {
  command: (script) => sh`sudo -n sh -c ${script}`,
  input: (given) => given,
};

/**
 * The password goes in front of the command's input. Where a rule of sudoers happens to need none for this command,
 * sudo leaves it there: so everything up to a marker is skipped before the command reads.
 */
function withPassword(password: string): Elevation {
  const marker = randomBytes(16).toString('hex');
  const before = `${password}\n${marker}\n`;
  return {
    // -k: a password that sudo remembers would not be read either.
    command: (script) =>
      sh`LC_ALL=C sudo -k -S -p '' sh -c ${sh`while IFS= read -r line && [ "$line" != ${marker} ]; do :; done; ${fragment(script)}`}`,
    input(given) {
      if (!(given instanceof Readable)) return Buffer.concat([Buffer.from(before), Buffer.from(given ?? '')]);
      return Readable.from(prefixed(before, given), { objectMode: false });
    },
  };
}

async function* prefixed(text: string, rest: Readable): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
  for await (const chunk of rest) yield Buffer.from(chunk);
}

/** Finds the password with which the user becomes root. Throws SUDO_REQUIRED, SUDO_PASSWORD_WRONG. */
export async function elevate(
  connection: SshConnection,
  user: string,
  signal: AbortSignal,
): Promise<Elevation> {
  for (let attempt = 1; ; attempt += 1) {
    const password = await connection.sudoPassword?.({ attempt, signal });
    if (password === undefined) throw attempt === 1 ? sudoRequired(user) : sudoPasswordWrong(user);
    const { code, stderr } = await connection.run(sh`LC_ALL=C sudo -k -S -p '' true`, {
      input: `${password}\n`,
      timeoutMs: 30_000,
      signal,
    });
    if (code === 0) return withPassword(password);
    if (!/incorrect password|try again|no password was provided/i.test(stderr)) throw sudoRequired(user);
  }
}
