import { EventEmitter } from 'node:events';
import type { ContainerRecord, Removal } from './record.js';
import { isRunning, type StateEvent, transition } from './state.js';

/** How a run ended, for those who wait. */
export interface ExitResult {
  readonly exitCode: number;
  readonly error?: string;
}

interface ContainerEvents {
  /** A run has ended, whether or not it will be restarted. */
  exit: [ExitResult];
  /** It has ended and stays so. */
  stopped: [ExitResult];
  /** A start has failed: those who wait for its output must not wait longer. */
  'start-failed': [];
  removed: [ExitResult];
}

/** Connects one client that attached before the start; `cancel` when there will be no start. */
export interface PendingAttach {
  connect(): Promise<void>;
  cancel(): void;
}

/** A container in memory: its record, and who waits for what. The record on disk is `ContainerStore`'s to write. */
export class Container {
  readonly id: string;
  readonly events = new EventEmitter<ContainerEvents>().setMaxListeners(0);
  readonly pendingAttaches = new Set<PendingAttach>();
  readonly execIds = new Set<string>();
  /** What copies the run's output to clients that are attached; each resolves when they have all of it. */
  readonly copies = new Set<Promise<unknown>>();
  /** How many have its file system open while it need not run; see `container-view.ts`. */
  openViews = 0;
  /** Aborted to give up a restart that waits for its delay. */
  restartDelay: AbortController | undefined;
  /** Aborted to end the health checks of the present run. */
  healthMonitor: AbortController | undefined;
  /** A restart is under way: the end of this run does not remove it. */
  keptAtExit = false;
  /** It is killed to be removed: the record of its end says so. */
  removalAtExit: Removal | undefined;
  /** The log is being sent elsewhere; resolves when all of the run has been. */
  shipping: Promise<void> | undefined;
  /** The delay before the last restart, for the back-off. */
  lastDelayMs = 0;
  #record: ContainerRecord;

  constructor(record: ContainerRecord) {
    this.id = record.id;
    this.#record = record;
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  get running(): boolean {
    return isRunning(this.#record.state);
  }

  update(changes: Partial<Omit<ContainerRecord, 'id' | 'state' | 'schemaVersion'>>): void {
    this.#record = { ...this.#record, ...changes };
  }

  /** Undoes what a start that failed has written. */
  restore(record: ContainerRecord): void {
    this.#record = record;
  }

  apply(event: StateEvent): void {
    this.#record = { ...this.#record, state: transition(this.#record.state, event) };
  }
}
