import type { SshTarget } from '../machine/connection/ssh-target.js';
import { writeFileAtomically } from '../shared/atomic-file.js';
import { errorMessage, isTsmachineError } from '../shared/errors.js';
import { type CommandResult, run } from '../shared/spawn.js';
import { mountFailed, mountThroughJumpHost, sshfsMissing } from './errors.js';
import { knownHostsLine, opensshOptions } from './openssh.js';

export interface MountRequest {
  readonly target: SshTarget;
  /** Instead of the user that the machine is logged in to with. */
  readonly user?: string | undefined;
  readonly remotePath: string;
  readonly mountPoint: string;
  /** Where the host's key is written for ssh to check. */
  readonly knownHostsFile: string;
}

/**
 * Mounts a directory of the host through sshfs, which goes on in the background. The host must have the key that is
 * pinned. Throws SSHFS_MISSING, MOUNT_FAILED, MOUNT_THROUGH_JUMP_HOST.
 */
export async function mountWithSshfs(request: MountRequest, signal: AbortSignal): Promise<void> {
  const { target, remotePath, mountPoint, knownHostsFile } = request;
  if (target.endpoint.jumpHosts?.length) throw mountThroughJumpHost();
  await writeFileAtomically(knownHostsFile, knownHostsLine(target));
  const result = await program(sshfsArguments(request), signal);
  if (result.code !== 0) throw mountFailed(`${remotePath} on ${mountPoint}`, result.stderr.trim());
}

/** Throws MOUNT_FAILED. */
export async function unmount(mountPoint: string, signal: AbortSignal): Promise<void> {
  const ways =
    process.platform === 'linux'
      ? [
          ['fusermount3', '-u'],
          ['fusermount', '-u'],
        ]
      : [['umount']];
  let words = '';
  for (const way of ways) {
    const result = await run([...way, mountPoint], { signal, timeoutMs: 20_000 }).catch((error: unknown) => ({
      code: 1,
      stderr: errorMessage(error),
    }));
    if (result.code === 0) return;
    words ||= result.stderr.trim();
  }
  throw mountFailed(mountPoint, words);
}

export function sshfsArguments(request: MountRequest): readonly string[] {
  const { target, user = target.endpoint.user, remotePath, mountPoint, knownHostsFile } = request;
  const { host, port } = target.endpoint;
  const options = [
    `port=${port}`,
    'ssh_command=ssh -F none',
    ...opensshOptions(target, knownHostsFile),
    'reconnect',
    'ServerAliveInterval=15',
  ];
  const source = `${user}@${host.includes(':') ? `[${host}]` : host}:${remotePath}`;
  return ['sshfs', source, mountPoint, ...options.flatMap((each) => ['-o', each])];
}

async function program(argv: readonly string[], signal: AbortSignal): Promise<CommandResult> {
  try {
    return await run(argv, { signal, timeoutMs: 60_000 });
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'COMMAND_NOT_STARTED') throw sshfsMissing();
    throw error;
  }
}
