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

  /** It is going to be started. */
  expect(id: string): void {
    this.#active.add(id);
  }

  /** Also one that was not there before: of a replaced container, or of another number of them. */
  started({ id, machine, name }: ContainerEvent): void {
    this.#active.add(id);
    this.#options.printer.register(shortName(this.#options.project, name));
    this.#follow(machine, id, name, { since: this.#since.get(id) });
  }

  /** It will not be started any more. */
  forget(id: string): void {
    this.#active.delete(id);
  }

  /** Shows the rest of its output and what became of it; true when it will not be started again by itself. */
  async ended(event: ContainerEvent, text = `exited with code ${event.exitCode ?? 0}`): Promise<boolean> {
    const { fleet, project, printer, signal } = this.#options;
    const { id, machine, name, message } = event;
    const following = this.#following.get(id);
    await following;
    this.#since.set(id, nanotimeText(message.timeNano));
    printer.status(shortName(project, name), text);
    if (!(await staysEnded(fleet, machine, id, signal))) return false;
    if (this.#following.get(id) !== following) return false; // has been started meanwhile
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
