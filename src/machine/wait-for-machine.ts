import { errorMessage, isTsmachineError, TsmachineError } from '../shared/errors.js';
import { waitUntil } from '../shared/wait-until.js';
import { openConnection } from './connection/connect.js';
import { driverOf, type MachineContext, type MachineDependencies } from './dependencies.js';
import { endpointAt } from './engine/engine-endpoint.js';

/** What to wait for: a login, an answer of the engine, or a state of the host. */
export type WaitGoal =
  | { readonly kind: 'ssh' }
  | { readonly kind: 'engine' }
  | { readonly kind: 'state'; readonly state: string };

/** `ssh`, `engine`, `state=stopped`. Throws WAIT_GOAL_INVALID. */
export function parseWaitGoal(text: string): WaitGoal {
  if (text === 'ssh' || text === 'engine') return { kind: text };
  const [, state] = /^state=([a-z]+)$/i.exec(text) ?? [];
  if (state !== undefined && states.includes(state.toLowerCase())) {
    return { kind: 'state', state: state.toLowerCase() };
  }
  throw new TsmachineError('invalid-argument', 'WAIT_GOAL_INVALID', `cannot wait for "${text}"`, {
    hints: [`use ssh, engine or state=… with one of ${states.join(', ')}`],
  });
}

const states = ['running', 'stopped', 'paused', 'saved', 'starting', 'stopping', 'error'];

/** Throws WAIT_TIMEOUT with what was last seen, and at once what no waiting cures: no such machine, no access. */
export async function waitForMachine(
  deps: MachineDependencies,
  name: string,
  goal: WaitGoal,
  timeoutMs: number,
  context: MachineContext,
): Promise<void> {
  await deps.store.load(name);
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([context.signal, deadline]);
  let seen: string | undefined;
  const what = `${goal.kind === 'state' ? `state "${goal.state}"` : goal.kind} of machine "${name}"`;
  const probe = async (): Promise<true | undefined> => {
    try {
      seen = await look(deps, name, goal, { ...context, signal });
      return seen === undefined ? true : undefined;
    } catch (error) {
      if (isFinal(error)) throw error;
      if (!deadline.aborted) seen = errorMessage(error);
      return undefined;
    }
  };
  const options = { what, timeoutMs, intervalMs: 500, clock: deps.clock, lastSeen: () => seen };
  await waitUntil(probe, { ...options, signal: context.signal });
}

/** Undefined when it is so; else what is there instead. */
async function look(
  deps: MachineDependencies,
  name: string,
  goal: WaitGoal,
  context: MachineContext,
): Promise<string | undefined> {
  const machine = await deps.store.load(name);
  const driver = await driverOf(deps, machine);
  if (goal.kind === 'ssh') {
    const opened = await openConnection(deps, machine, driver, context);
    await opened.connection[Symbol.asyncDispose]();
    return undefined;
  }
  if (goal.kind === 'engine') {
    if (machine.phase !== 'ready' || machine.address === undefined) return 'not provisioned';
    const endpoint = await endpointAt(deps, machine, machine.address);
    await deps.engine.ping(endpoint, { timeoutMs: 5_000, signal: context.signal });
    return undefined;
  }
  const { instance } = machine.driver;
  if (instance === undefined) return 'no host yet';
  const { state } = await driver.inspect(instance, context);
  return state === goal.state ? undefined : state;
}

const final = ['MACHINE_NOT_FOUND', 'MACHINE_RECORD_DAMAGED', 'DRIVER_NOT_FOUND', 'SSH_HOST_KEY_CHANGED'];

function isFinal(error: unknown): boolean {
  return isTsmachineError(error) && final.includes(error.code);
}
