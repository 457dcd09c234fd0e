import type { SshTarget } from '../machine/connection/ssh-target.js';
import { writeFileAtomically } from '../shared/atomic-file.js';
import { isTsmachineError } from '../shared/errors.js';
import { sshProgramMissing, sshThroughJumpHost } from './errors.js';
import { runInForeground } from './foreground-program.js';
import { knownHostsLine, opensshOptions } from './openssh.js';

export interface SshProgramRequest {
  readonly target: SshTarget;
  /** Instead of the user that the machine is logged in to with. */
  readonly user?: string | undefined;
  /** Options of ssh, and behind them the remote command. */
  readonly words: readonly string[];
  /** Where the host's key is written for ssh to check. */
  readonly knownHostsFile: string;
}

/**
 * Runs OpenSSH's ssh on the terminal of this process; answers its exit code. The host must have the key that is pinned.
 * Throws SSH_PROGRAM_MISSING, SSH_THROUGH_JUMP_HOST.
 */
export async function runSshProgram(request: SshProgramRequest, env: NodeJS.ProcessEnv): Promise<number> {
  const { target, knownHostsFile } = request;
  if (target.endpoint.jumpHosts?.length) throw sshThroughJumpHost();
  await writeFileAtomically(knownHostsFile, knownHostsLine(target));
  try {
    return await runInForeground(sshArguments(request), env);
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'COMMAND_NOT_STARTED') throw sshProgramMissing();
    throw error;
  }
}

/** ssh takes its options behind the host's name as well, up to the command. */
export function sshArguments({ target, user, words, knownHostsFile }: SshProgramRequest): readonly string[] {
  const { host, port, user: own } = target.endpoint;
  const options = opensshOptions(target, knownHostsFile).flatMap((option) => ['-o', option]);
  return ['ssh', '-F', 'none', '-p', String(port), '-l', user ?? own, ...options, host, ...words];
}
