import type { StatusUpdate } from '../../../../build/solve/solve.js';
import { StepOutput } from './step-output.js';

/** Milliseconds since 1970, as the engine's clock has them. */
type Time = number;

/** Something counted below a line: bytes of a file, an image's layers. */
export interface TracedItem {
  readonly id: string;
  current: number;
  total: number;
  started: Time | undefined;
  completed: Time | undefined;
  timestamp: Time | undefined;
}

/** One line of a build's progress: a step, or something done for it. */
export class TracedVertex {
  readonly digest: string;
  readonly name: string;
  started: Time | undefined;
  completed: Time | undefined;
  isCached = false;
  error = '';
  readonly items = new Map<string, TracedItem>();
  readonly output = new StepOutput();

  constructor(digest: string, name: string) {
    this.digest = digest;
    this.name = name;
  }

  get isCanceled(): boolean {
    return /(?:^|: )context canceled$/.test(this.error);
  }

  seconds(now: Time): number {
    return this.secondsUntil(this.completed ?? now);
  }

  secondsUntil(time: Time): number {
    return this.started === undefined ? 0 : Math.max(0, time - this.started) / 1000;
  }
}

export interface TracedWarning {
  readonly text: string;
  readonly url: string;
}

/** What engines have told of builds so far, in the order in which it came up. */
export class BuildTrace {
  readonly #vertices = new Map<string, TracedVertex>();
  readonly warnings: TracedWarning[] = [];

  get vertices(): readonly TracedVertex[] {
    return [...this.#vertices.values()];
  }

  /** `scope` is the build's name where there are several; answers what has changed. */
  take(update: StatusUpdate, scope = ''): ReadonlySet<TracedVertex> {
    const changed = new Set<TracedVertex>();
    for (const vertex of update.vertexes) changed.add(this.#vertex(vertex, scope));
    for (const status of update.statuses) {
      const vertex = this.#vertices.get(scope + status.vertex);
      if (vertex) changed.add(vertex);
      vertex?.items.set(status.ID, itemOf(status));
    }
    for (const { vertex: digest, msg, timestamp } of update.logs) {
      const vertex = this.#vertices.get(scope + digest);
      if (!vertex) continue;
      changed.add(vertex);
      vertex.output.add(Buffer.from(msg).toString(), vertex.secondsUntil(timeOf(timestamp) ?? Date.now()));
    }
    for (const { short, url } of update.warnings) {
      const text = Buffer.from(short).toString();
      if (!this.warnings.some((warning) => warning.text === text)) this.warnings.push({ text, url });
    }
    return changed;
  }

  #vertex(told: StatusUpdate['vertexes'][number], scope: string): TracedVertex {
    const key = scope + told.digest;
    const vertex = this.#vertices.get(key) ?? new TracedVertex(told.digest, scoped(told.name, scope));
    this.#vertices.set(key, vertex);
    const started = timeOf(told.started);
    if (started !== undefined) vertex.started ??= started;
    vertex.completed = timeOf(told.completed);
    if (vertex.completed !== undefined) vertex.output.end();
    vertex.isCached = told.cached;
    vertex.error = told.error;
    return vertex;
  }
}

/** "[2/3] RUN …" of the service web is "[web 2/3] RUN …". */
function scoped(name: string, scope: string): string {
  if (scope === '') return name;
  return name.startsWith('[') ? `[${scope} ${name.slice(1)}` : `[${scope}] ${name}`;
}

function itemOf(status: StatusUpdate['statuses'][number]): TracedItem {
  const { ID: id, name, current, total } = status;
  return {
    id: id || name,
    ...{ current, total, started: timeOf(status.started), completed: timeOf(status.completed) },
    timestamp: timeOf(status.timestamp),
  };
}

function timeOf(time: { readonly seconds: number; readonly nanos: number } | undefined): Time | undefined {
  return time && time.seconds * 1000 + time.nanos / 1e6;
}
