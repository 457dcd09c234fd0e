import { join } from 'node:path';
import type { RemoteLocation } from '../machine/transfer/location.js';
import { packageRoot } from '../shared/package-root.js';
import { exitOf, run, start } from '../shared/spawn.js';
import { sh } from '../ssh/command.js';
import type { SshConnection } from '../ssh/transport.js';

export interface DeltaCopy {
  readonly storage: string;
  readonly machine: RemoteLocation;
  readonly localPath: string;
  readonly direction: 'to-machine' | 'from-machine';
  readonly recursive: boolean;
  readonly quiet: boolean;
}

/** Whether rsync is here and there. */
export async function hasRsync(connection: SshConnection, signal: AbortSignal): Promise<boolean> {
  const here = await run(['rsync', '--version'], { timeoutMs: 10_000 }).catch(() => undefined);
  if (here?.code !== 0) return false;
  const there = await connection.run(sh`sh -c 'command -v rsync'`, { timeoutMs: 20_000, signal });
  return there.code === 0;
}

/** Sends only what is different, over a connection of our own `ssh` command. Answers rsync's exit code. */
export async function copyWithRsync(copy: DeltaCopy, signal: AbortSignal): Promise<number> {
  const { machine, localPath, direction } = copy;
  const user = machine.user === undefined ? '' : `${machine.user}@`;
  const remote = `${user}${machine.machine}:${machine.path}`;
  // A local name with a colon would be taken for a host.
  const local = /^[^/]*:/.test(localPath) ? `./${localPath}` : localPath;
  const argv = [
    'rsync',
    ...['--compress', '--partial', '--times', '--perms', '--copy-links'],
    ...(copy.recursive ? ['--recursive'] : []),
    ...(copy.quiet ? ['--quiet'] : ['--progress']),
    '--rsh',
    remoteShell(copy.storage),
    '--',
    ...(direction === 'to-machine' ? [local, remote] : [remote, local]),
  ];
  const child = start(argv, { stdio: ['ignore', 'inherit', 'inherit'], signal });
  return (await exitOf(child, argv)) ?? 1;
}

/** As rsync's --rsh is written: words, in single quotes where they have spaces. */
function remoteShell(storage: string): string {
  const words = [process.execPath, join(packageRoot(), 'bin', 'tsmachine.cjs'), '-s', storage, 'ssh'];
  return words.map((word) => (/[\s']/.test(word) ? `'${word.replaceAll("'", "''")}'` : word)).join(' ');
}
