import { inspectContainer } from '../../api/client/containers.js';
import { staysEnded } from '../../compose/engine/exit-watch.js';
import type { ContainerEvent } from '../../compose/engine/monitor.js';
import type { Fleet } from '../../compose/fleet.js';
import type { ObservedContainer } from '../../compose/state/observed.js';
import { printLogs, shortName } from './follow-logs.js';
import type { LogPrinter } from './log-printer.js';

export interface AttachedOptions {
  readonly fleet: Fleet;
  readonly project: string;
  readonly printer: LogPrinter;
  readonly timestamps: boolean;
  readonly signal: AbortSignal;
}

/** The containers whose output is shown, and what becomes of them. */
export class AttachedContainers {
  readonly #options: AttachedOptions;
  readonly #following = new Map<string, Promise<void>>();
  /** From when on the log of each is new. */
  readonly #since = new Map<string, string>();
  readonly #active = new Set<string>();

  constructor(options: AttachedOptions) {
    this.#options = options;
  }

  /** How many run, or are going to. */
  get count(): number {
    return this.#active.size;
  }

  /** Those that run are followed at once, the others when they have started. */
  async attach(containers: readonly ObservedContainer[]): Promise<void> {
    const { fleet, signal, project, printer } = this.#options;
    for (const { id, machine, name, state } of containers) {
      this.#active.add(id);
      printer.register(shortName(project, name));
      if (state === 'running') {
        this.#follow(machine, id, name, { tail: '0' });
        continue;
      }
      const { State } = await inspectContainer(fleet.client(machine), id, signal);
      const ended = State.FinishedAt ?? '';
      if (ended !== '' && !ended.startsWith('0001')) this.#since.set(id, ended);
    }
  }

  has(id: string): boolean {
    return this.#active.has(id);
  }

  started({ id, machine, name }: ContainerEvent): void {
    if (this.has(id)) this.#follow(machine, id, name, { since: this.#since.get(id) });
  }

  /** Shows the rest of its output and its exit code; true when it will not be started again by itself. */
  async ended(event: ContainerEvent): Promise<boolean> {
    const { fleet, project, printer, signal } = this.#options;
    const { id, machine, name, exitCode, message } = event;
    if (!this.has(id)) return false;
    await this.#following.get(id);
    this.#since.set(id, nanotimeText(message.timeNano));
    printer.status(shortName(project, name), `exited with code ${exitCode ?? 0}`);
    if (!(await staysEnded(fleet, machine, id, signal))) return false;
    this.#active.delete(id);
    return true;
  }

  /** All output that is under way. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#following.values());
  }

  #follow(
    machine: string,
    id: string,
    name: string,
    from: { readonly tail?: string; readonly since?: string | undefined },
  ): void {
    const { fleet, printer, project, timestamps, signal } = this.#options;
    const source = { client: fleet.client(machine), id, name: shortName(project, name) };
    const options = { follow: true, timestamps, ...from };
    const work = printLogs(source, options, printer, signal).catch(() => {}); // its end is told by an event
    this.#following.set(id, work);
  }
}

/** Seconds with nine digits behind the point; the last ones are rounded, since a number holds no more. */
function nanotimeText(nanoseconds: number): string {
  return (nanoseconds / 1e9).toFixed(9);
}
