import type { SshTarget } from '../machine/connection/ssh-target.js';
import { isTsmachineError } from '../shared/errors.js';
import { sshProgramMissing } from './errors.js';
import { runInForeground } from './foreground-program.js';
import { type OpensshFiles, writeOpensshFiles } from './openssh.js';

export interface SshProgramRequest {
  readonly target: SshTarget;
  /** Instead of the user that the machine is logged in to with. */
  readonly user?: string | undefined;
  /** Options of ssh, and behind them the remote command. */
  readonly words: readonly string[];
  /** Where ssh's configuration is written. */
  readonly directory: string;
}

/**
 * Runs OpenSSH's ssh on the terminal of this process; answers its exit code. The host, and each on the way to it, must
 * have the key that is pinned. Throws SSH_PROGRAM_MISSING.
 */
export async function runSshProgram(request: SshProgramRequest, env: NodeJS.ProcessEnv): Promise<number> {
  const files = await writeOpensshFiles(request.target, request.directory);
  try {
    return await runInForeground(sshArguments(request, files), env);
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'COMMAND_NOT_STARTED') throw sshProgramMissing();
    throw error;
  }
}

/** ssh takes its options behind the host's name as well, up to the command. */
export function sshArguments(
  { user, words }: Pick<SshProgramRequest, 'user' | 'words'>,
  { config, host }: OpensshFiles,
): readonly string[] {
  return ['ssh', '-F', config, ...(user === undefined ? [] : ['-l', user]), host, ...words];
}
