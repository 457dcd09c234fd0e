import type { EngineContext } from '../../compose/engine/context.js';
import type { ImageSource } from '../../compose/engine/ensure-images.js';
import type { Progress, ProgressEvent } from '../../compose/engine/progress.js';
import {
  type Created,
  type CreationOptions,
  createProject,
  type Surroundings,
  startProject,
  withScales,
} from '../../compose/engine/up.js';
import { waitTimedOut } from '../../compose/plan/errors.js';
import { loadWatchRules } from '../../compose/watch/load-rules.js';
import { isTsmachineError } from '../../shared/errors.js';
import { PlainDisplay } from '../docker/build/progress/plain-display.js';
import type { Stdio } from '../docker/stdio.js';
import { startFailed } from './errors.js';
import { LogPrinter, type LogPrinterOptions } from './log-printer.js';
import { isTerminal, type ProgressChoice } from './open-progress.js';
import type { OpenProject } from './project-command.js';
import { type AttachedRequest, onlyWarnings, runAttached } from './run-attached.js';
import type { ChangeRequest } from './watch-actions.js';
import { builtHere, watchProject } from './watch-project.js';

export interface UpRequest
  extends Pick<AttachedRequest, 'abortOn' | 'exitCodeFrom' | 'attached' | 'timestamps'> {
  readonly creation: CreationOptions;
  readonly scales: ReadonlyMap<string, number>;
  readonly source: ImageSource;
  readonly mode: 'create' | 'detached' | 'attached';
  /** Until all run or are healthy. */
  readonly wait: boolean;
  /** Seconds. */
  readonly waitTimeout: number | undefined;
  readonly printer: LogPrinterOptions;
  readonly ansi: ProgressChoice['ansi'];
  readonly stdio: Stdio;
  /** Bring changes of the source to the containers, while they are shown. */
  readonly watch: ChangeRequest | undefined;
  /** Called when Ctrl-C begins to belong to the containers. */
  readonly takeSignals: () => void;
}

/** Creates, and starts unless only that was wanted. Resolves with the exit code. */
export async function upProject(open: OpenProject, request: UpRequest): Promise<number> {
  const { watch } = request;
  if (watch) await loadWatchRules(open.project, () => {}); // what is wrong is said before anything is made
  const project = withScales(watch ? builtHere(open.project) : open.project, request.scales);
  const around: Surroundings = { ...open, project };
  const created = await createProject(around, request.source, request.creation);
  if (request.mode === 'create') return 0;
  if (request.mode === 'detached') {
    await startDetached(around, created, request);
    return 0;
  }
  open.progress.close();
  request.takeSignals();
  const { stdio, ansi } = request;
  const color = request.printer.color && isTerminal(stdio.stdout, ansi);
  const printer = new LogPrinter(stdio, { ...request.printer, color });
  const beside = watch && ((signal: AbortSignal) => watchBeside({ ...open, project, signal }, watch));
  return await runAttached(around, { ...request, created, printer, beside });
}

/** Between the lines of the containers: what happens to them is seen by these, and only warnings are told. */
async function watchBeside(open: OpenProject, request: ChangeRequest): Promise<void> {
  const progress = {
    ...onlyWarnings(open.progress),
    close() {},
    print: (text: string) => open.progress.print(text),
    builds: () => new PlainDisplay({ write: (text) => open.progress.print(text) }),
  };
  await watchProject({ ...open, progress }, { ...request, up: false });
}

async function startDetached(around: Surroundings, created: Created, request: UpRequest): Promise<void> {
  const started: string[] = [];
  const progress = noting(around.progress, (event) => {
    if (event.text === 'Started') started.push(event.id.replace(/^Container /, ''));
  });
  const deadline =
    request.waitTimeout === undefined ? undefined : AbortSignal.timeout(request.waitTimeout * 1000);
  const signal = deadline ? AbortSignal.any([around.signal, deadline]) : around.signal;
  try {
    await startProject({ ...around, progress, signal }, created, { wait: request.wait });
  } catch (error) {
    around.signal.throwIfAborted();
    if (deadline?.aborted) throw startFailed(waitTimedOut(), started);
    throw isTsmachineError(error) ? startFailed(error, started) : error;
  }
}

function noting(progress: EngineContext['progress'], note: (event: ProgressEvent) => void): Progress {
  return {
    event(event) {
      note(event);
      progress.event(event);
    },
    warn: (message) => progress.warn(message),
  };
}
