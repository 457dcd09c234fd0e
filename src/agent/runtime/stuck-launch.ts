import { constants } from 'node:os';
import { setInterval } from 'node:timers/promises';
import { readProcess, signalProcess } from '../kernel/processes.js';

/** A container that is being made. */
export interface Launch {
  /** The monitor's pid, while it runs. */
  monitor(): number | undefined;
  /** Those of the container's cgroup. */
  processes(): Promise<readonly number[]>;
}

/**
 * Ends the monitor of a launch that it will never report. conmon reads what a failed runtime said until everyone has
 * closed that pipe, and so for ever when the runtime was killed after it had made the container's process, which holds
 * the pipe as its stderr: that process waits for its start and conmon for that process. Resolves when `signal` aborts.
 */
export async function endWhenStuck(launch: Launch, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LONGEST_LAUNCH_MS;
  let wasOrphaned = false;
  try {
    for await (const _ of setInterval(LOOK_MS, undefined, { signal, ref: false })) {
      const isOrphaned = await hasLostItsRuntime(launch);
      const monitor = launch.monitor();
      const isStuck = (isOrphaned && wasOrphaned) || Date.now() > deadline;
      if (isStuck && monitor !== undefined) signalProcess(monitor, constants.signals.SIGKILL);
      wasOrphaned = isOrphaned;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * The process is the runtime's child until the runtime has ended, then the monitor's, which is a subreaper. It becomes that
 * a little sooner where it joins the pid namespace of another container: hence two looks.
 */
async function hasLostItsRuntime({ monitor, processes }: Launch): Promise<boolean> {
  const parents = (await processes()).map((pid) => readProcess(pid)?.parent);
  const pid = monitor();
  return pid !== undefined && parents.includes(pid);
}

/** Far longer than what is left to do then, on a machine that is merely busy. */
const LOOK_MS = 5_000;
export const LONGEST_LAUNCH_MS = 120_000;
