import { existsSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../../shared/errors.js';
import { waitUntil } from '../../shared/wait-until.js';
import { commandLine, processIds } from '../kernel/processes.js';
import { groupDirectories, readProcesses } from './cgroup/usage.js';
import type { CgroupLayout } from './cgroup-mode.js';
import { runtimeFailed } from './errors.js';

/** Where a container may have left something. */
export interface Remains {
  readonly layout: CgroupLayout;
  /** Undefined when its bundle is gone. */
  readonly cgroupsPath: string | undefined;
  /** The runtime's own state of it. */
  readonly stateDirectory: string;
  /** Monitor and runtime have it in their argv. */
  readonly filesDirectory: string;
}

/** Whether the runtime has left a control group or its state, as one does that was killed. */
export function remains({ layout, cgroupsPath, stateDirectory }: Remains): boolean {
  if (existsSync(stateDirectory)) return true;
  return cgroupsPath !== undefined && groupDirectories(layout, cgroupsPath).some((path) => existsSync(path));
}

/**
 * Takes away what a runtime or monitor that was killed in the middle has left: itself, where it still works for
 * nobody, the container's processes, control groups and state. Throws RUNTIME_FAILED when something withstands.
 */
export async function sweep(what: Remains): Promise<void> {
  try {
    await waitUntil(async () => ((await killed(what)) ? true : undefined), {
      what: 'the processes of a container to end',
      timeoutMs: 10_000,
      intervalMs: 20,
    });
    if (what.cgroupsPath !== undefined) {
      await Promise.all(groupDirectories(what.layout, what.cgroupsPath).map(removeGroup));
    }
    await rm(what.stateDirectory, { recursive: true, force: true });
  } catch (cause) {
    throw runtimeFailed('delete', errorMessage(cause), cause);
  }
}

/** Sends SIGKILL to all that is left; true when there was none. */
async function killed({ layout, cgroupsPath, filesDirectory }: Remains): Promise<boolean> {
  const helpers = (await processIds()).filter((pid) =>
    commandLine(pid).some((word) => word.includes(filesDirectory)),
  );
  const inside = cgroupsPath === undefined ? [] : await readProcesses(layout, cgroupsPath);
  for (const pid of [...helpers, ...inside]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
  return helpers.length + inside.length === 0;
}

/** With the groups that the container has made in it. */
async function removeGroup(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(directory, entry.name));
  await rmdir(directory).catch((error) => {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  });
}
