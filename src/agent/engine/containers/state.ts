import type { ContainerStatus } from '../../../api/container.js';
import {
  beginHealth,
  type Health,
  healthWithoutMonitor,
  type Probed,
  probedHealth,
} from './health/health.js';

/** `0001-01-01T00:00:00Z`: Go's zero time, which clients take for "never". */
export const never = '0001-01-01T00:00:00Z';

export interface ContainerState {
  readonly status: ContainerStatus;
  readonly pid: number;
  readonly exitCode: number;
  readonly error: string;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Written before the process is let go and cleared afterwards: only then a crash can have come between. */
  readonly starting: boolean;
  /** Absent until a container with a health check is started for the first time. */
  readonly health?: Health | undefined;
}

export type StateEvent =
  | {
      readonly type: 'launched';
      readonly pid: number;
      readonly at: string;
      /** Whether it has a health check. */
      readonly probed: boolean;
    }
  | { readonly type: 'started' }
  | { readonly type: 'start-failed'; readonly exitCode: number; readonly error: string }
  | { readonly type: 'paused' }
  | { readonly type: 'unpaused' }
  | ({ readonly type: 'probed' } & Probed)
  | { readonly type: 'out-of-memory' }
  | {
      readonly type: 'exited';
      readonly exitCode: number;
      readonly at: string;
      readonly oomKilled: boolean;
      /** The restart policy will start it again. */
      readonly restarting: boolean;
    }
  | { readonly type: 'restart-given-up' }
  | { readonly type: 'removing' }
  | { readonly type: 'removal-failed'; readonly error: string };

export const createdState: ContainerState = {
  status: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: never,
  finishedAt: never,
  starting: false,
};

/** The container's life as a pure function. An event that the state does not allow is a fault of the caller. */
export function transition(state: ContainerState, event: StateEvent): ContainerState {
  if (!allowed[event.type].includes(state.status)) {
    throw new Error(`a container that is ${state.status} cannot become ${event.type}`);
  }
  switch (event.type) {
    case 'launched':
      return {
        ...createdState,
        status: 'running',
        pid: event.pid,
        startedAt: event.at,
        finishedAt: state.finishedAt,
        starting: true,
        ...(event.probed && { health: beginHealth(state.health) }),
      };
    case 'started':
      return { ...state, starting: false };
    case 'start-failed':
      return {
        ...state,
        status: state.status === 'created' || state.startedAt === never ? 'created' : 'exited',
        pid: 0,
        exitCode: event.exitCode,
        error: event.error,
        starting: false,
        ...withoutMonitor(state),
      };
    case 'paused':
      return { ...state, status: 'paused', ...withoutMonitor(state) };
    case 'unpaused':
      return { ...state, status: 'running' };
    case 'probed':
      return state.health ? { ...state, health: probedHealth(state.health, event) } : state;
    case 'out-of-memory':
      return { ...state, oomKilled: true };
    case 'exited':
      return {
        ...state,
        status: event.restarting ? 'restarting' : 'exited',
        pid: 0,
        exitCode: event.exitCode,
        finishedAt: event.at,
        oomKilled: event.oomKilled || state.oomKilled,
        starting: false,
        ...withoutMonitor(state),
      };
    case 'restart-given-up':
      return { ...state, status: 'exited' };
    case 'removing':
      return { ...state, status: 'removing' };
    case 'removal-failed':
      return { ...state, status: 'dead', error: event.error };
  }
}

function withoutMonitor({ health }: ContainerState): Pick<ContainerState, 'health'> {
  return health ? { health: healthWithoutMonitor(health) } : {};
}

/** Docker's word: paused is running too. */
export function isRunning(state: ContainerState): boolean {
  return state.status === 'running' || state.status === 'paused';
}

const startable: readonly ContainerStatus[] = ['created', 'exited', 'restarting'];

const allowed: Readonly<Record<StateEvent['type'], readonly ContainerStatus[]>> = {
  launched: startable,
  started: ['running'],
  'start-failed': [...startable, 'running'],
  paused: ['running'],
  unpaused: ['paused'],
  probed: ['running', 'paused'],
  'out-of-memory': ['running', 'paused'],
  exited: ['running', 'paused'],
  'restart-given-up': ['restarting'],
  removing: ['created', 'exited', 'dead', 'removing', 'restarting'],
  'removal-failed': ['removing'],
};
