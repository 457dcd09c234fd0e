import type { SshTarget } from '../machine/connection/ssh-target.js';
import { errorMessage, isTsmachineError } from '../shared/errors.js';
import { type CommandResult, run } from '../shared/spawn.js';
import { mountFailed, sshfsMissing } from './errors.js';
import { type OpensshFiles, writeOpensshFiles } from './openssh.js';

export interface MountRequest {
  readonly target: SshTarget;
  /** Instead of the user that the machine is logged in to with. */
  readonly user?: string | undefined;
  readonly remotePath: string;
  readonly mountPoint: string;
  /** Where ssh's configuration is written. */
  readonly directory: string;
}

/**
 * Mounts a directory of the host through sshfs, which goes on in the background. The host, and each on the way to it,
 * must have the key that is pinned. Throws SSHFS_MISSING, MOUNT_FAILED.
 */
export async function mountWithSshfs(request: MountRequest, signal: AbortSignal): Promise<void> {
  const { target, remotePath, mountPoint, directory } = request;
  const files = await writeOpensshFiles(target, directory);
  const result = await program(sshfsArguments(request, files), signal);
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

export function sshfsArguments(
  { user, remotePath, mountPoint }: Pick<MountRequest, 'user' | 'remotePath' | 'mountPoint'>,
  { config, host }: OpensshFiles,
): readonly string[] {
  const source = `${user === undefined ? '' : `${user}@`}${host}:${remotePath}`;
  return ['sshfs', source, mountPoint, '-F', config, '-o', 'reconnect', '-o', 'ServerAliveInterval=15'];
}

async function program(argv: readonly string[], signal: AbortSignal): Promise<CommandResult> {
  try {
    return await run(argv, { signal, timeoutMs: 60_000 });
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'COMMAND_NOT_STARTED') throw sshfsMissing();
    throw error;
  }
}
