import { setInterval } from 'node:timers/promises';

/** What is asked of a container that is being made. */
export interface Launch {
  /** Whether the runtime says that it is made and waits to be started. */
  isMade(): Promise<boolean>;
  endMonitor(): void;
}

/**
 * Ends the monitor of a launch that will never be reported. conmon reads what a failed runtime said until everyone has
 * closed that pipe, and so for ever when the runtime was killed after it had made the container, which holds the pipe as
 * its stderr: the container waits for its start and conmon for the container. Resolves when `signal` aborts.
 */
export async function watchLaunch(launch: Launch, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LONGEST_LAUNCH_MS;
  let wasMade = false;
  try {
    for await (const _ of setInterval(LOOK_MS, undefined, { signal, ref: false })) {
      const isMade = await launch.isMade().catch(() => false);
      // From there to the report the runtime only writes a file. It gets a whole interval for it.
      if ((isMade && wasMade) || Date.now() > deadline) launch.endMonitor();
      wasMade = isMade;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Far longer than any launch on a machine that is merely busy. */
const LOOK_MS = 5_000;
export const LONGEST_LAUNCH_MS = 120_000;
