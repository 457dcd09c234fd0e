import { watchContainers } from '../../compose/engine/monitor.js';
import type { Progress } from '../../compose/engine/progress.js';
import { killProject, stopProject } from '../../compose/engine/stop-project.js';
import { type Created, type Surroundings, startProject } from '../../compose/engine/up.js';
import { AttachedContainers } from './attached-containers.js';
import { AttachedWatch } from './attached-watch.js';
import { shortName } from './follow-logs.js';
import { type Interrupts, onInterrupts } from './interrupts.js';
import type { LogPrinter } from './log-printer.js';

export interface AttachedRequest {
  /** What is to be started. */
  readonly created: Created;
  /** Whose output is shown. */
  readonly attached: readonly string[];
  readonly printer: LogPrinter;
  readonly timestamps: boolean;
  /** Stop everything as soon as one container has ended: in any case, or with an error. */
  readonly abortOn: 'exit' | 'failure' | undefined;
  /** The service whose exit code is the result then; else that of the first container that ended. */
  readonly exitCodeFrom: string | undefined;
  /** Goes on beside them once they have started, until its signal aborts. */
  readonly beside?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Starts the services and shows what they write until all have ended, or one ends everything, or Ctrl-C stops them; a
 * second Ctrl-C kills them. Resolves with the exit code. Signals are its own business from the call on.
 */
export async function runAttached(around: Surroundings, request: AttachedRequest): Promise<number> {
  const { fleet, project } = around;
  const showing = new AbortController();
  const starting = new AbortController();
  const beside = new AbortController();
  using interrupts = onInterrupts();
  using monitor = await watchContainers(fleet, project.name, showing.signal);
  const shown = await attach(around, request, showing.signal);
  const watch = new AttachedWatch(shown, request, showing.signal);
  const watching = watch.follow(monitor.events);
  const started = startProject(
    { ...around, progress: onlyWarnings(around.progress), signal: starting.signal },
    request.created,
  );
  const working = started.then(() => request.beside?.(beside.signal));
  working.catch(() => {}); // heard of by the race
  try {
    const outcome = await Promise.race([
      watch.ended,
      interrupts.first.then(() => 'interrupted' as const),
      working.then(() => watch.ended),
      started.then(() => (shown.count === 0 && watch.isIdle ? 'over' : watch.ended)),
    ]);
    beside.abort();
    if (outcome === 'over') return watch.code;
    starting.abort();
    await working.catch(() => {});
    const isInterrupted = outcome === 'interrupted';
    process.stderr.write(
      isInterrupted
        ? 'Gracefully stopping... (press Ctrl+C again to force)\n'
        : 'Aborting on container exit...\n',
    );
    await stopOrKill(around, request, isInterrupted ? interrupts.second : interrupts.first);
    await watch.settled();
    return isInterrupted ? 130 : watch.code;
  } finally {
    beside.abort();
    await shown.drain();
    showing.abort();
    await watching;
  }
}

/** What happens is seen by what the containers write. */
export function onlyWarnings(progress: Progress): Progress {
  return { event() {}, warn: (message) => progress.warn(message) };
}

async function attach(
  { fleet, project }: Surroundings,
  request: AttachedRequest,
  showing: AbortSignal,
): Promise<AttachedContainers> {
  const { printer, timestamps } = request;
  const options = { fleet, project: project.name, printer, timestamps, signal: showing };
  const shown = new AttachedContainers(options);
  const own = request.created.containers.filter(
    ({ service, oneOff }) => !oneOff && request.attached.includes(service),
  );
  await shown.attach(own);
  const names = own.map(({ name }) => shortName(project.name, name));
  if (names.length > 0) process.stdout.write(`Attaching to ${names.join(', ')}\n`);
  return shown;
}

/** Ctrl-C does not wait for containers that take their time. */
async function stopOrKill(
  around: Surroundings,
  { created: { services } }: AttachedRequest,
  forced: Interrupts['second'],
): Promise<void> {
  const stopping = new AbortController();
  const stopped = stopProject({ ...around, signal: stopping.signal }, services);
  stopped.catch(() => {}); // aborted below
  const isForced = await Promise.race([stopped.then(() => false), forced.then(() => true)]);
  if (!isForced) return;
  stopping.abort();
  await killProject({ ...around, signal: AbortSignal.timeout(30_000) }, services);
}
