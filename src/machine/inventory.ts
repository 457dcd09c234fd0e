import type { InstanceStatus, MachineState } from '../drivers/driver.js';
import { errorMessage, isTsmachineError } from '../shared/errors.js';
import { settleAll } from '../shared/settle-all.js';
import type { Expiry } from './certificates.js';
import { driverOf, type MachineContext, type MachineDependencies } from './dependencies.js';
import type { EngineVersion } from './engine/engine-client.js';
import { askEngineVersion } from './engine/engine-version.js';
import { findActiveMachine } from './store/access.js';
import { machineNotFound } from './store/errors.js';
import { type KnownState, readKnownState, writeKnownState } from './store/known-state.js';
import { engineUrl, type MachineRecord } from './store/record.js';
import { knownStatePath } from './store/storage.js';

/** A row of `ls`. */
export interface MachineSummary {
  readonly name: string;
  readonly active: boolean;
  /** "not found" for a record that cannot be read, as docker-machine shows it. */
  readonly driver: string;
  /** Capitalised as docker-machine's: Running, Stopped, …; also Creating, Error, Timeout, Unknown. */
  readonly state: string;
  /** How old the state is, where it comes from the last time somebody looked. */
  readonly stateAgeMs?: number;
  readonly url: string;
  readonly dockerVersion?: string;
  readonly labels: readonly string[];
  readonly error: string;
  readonly responseMs: number;
  /** When the first of its certificates expires: milliseconds since the epoch. */
  readonly certificatesExpireAt?: number;
}

export interface ListOptions {
  /** One deadline for all machines together. */
  readonly timeoutMs: number;
  readonly environment: NodeJS.ProcessEnv;
}

/** All but those that were last seen stopped. */
export async function runningNames({ store, storage }: MachineDependencies): Promise<readonly string[]> {
  const names = await store.list();
  return names.filter((name) => readKnownState(knownStatePath(storage, name))?.state !== 'stopped');
}

/** One machine's row. Throws MACHINE_NOT_FOUND, MACHINE_RECORD_DAMAGED. */
export async function summarizeMachine(
  deps: MachineDependencies,
  name: string,
  options: ListOptions,
  context: MachineContext,
): Promise<MachineSummary> {
  await deps.store.load(name);
  const [row] = await listMachines(deps, [name], options, context);
  if (!row) throw machineNotFound(name);
  return row;
}

/** Asks all machines at once; none can hold up the list beyond the deadline, a damaged record is its own row. */
export async function listMachines(
  deps: MachineDependencies,
  names: readonly string[],
  options: ListOptions,
  context: MachineContext,
): Promise<readonly MachineSummary[]> {
  const active = activeOrNone(deps.storage, options.environment);
  const deadline = AbortSignal.any([context.signal, AbortSignal.timeout(options.timeoutMs)]);
  // Every machine gets its turn before the deadline, whatever number of them is in turn silent.
  const turns = Math.max(1, Math.ceil(names.length / atOnce));
  const timeoutMs = options.timeoutMs / turns;
  const results = await settleAll(names, atOnce, async (name) => {
    const signal = turns === 1 ? deadline : AbortSignal.any([deadline, AbortSignal.timeout(timeoutMs)]);
    return { ...(await summarize(deps, name, timeoutMs, { ...context, signal })), active: name === active };
  });
  context.signal.throwIfAborted();
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Connections that are under way at a time: well below what a process may have open. */
const atOnce = 256;

function activeOrNone(storage: string, environment: NodeJS.ProcessEnv): string | undefined {
  try {
    return findActiveMachine(storage, environment);
  } catch {
    return undefined; // TSMACHINE_NAME names no machine: none is active
  }
}

type Row = Omit<MachineSummary, 'active'>;

async function summarize(
  deps: MachineDependencies,
  name: string,
  timeoutMs: number,
  context: MachineContext,
): Promise<Row> {
  const began = performance.now();
  const blank = { name, driver: 'not found', url: '', labels: [], responseMs: 0 };
  try {
    const machine = await deps.store.load(name);
    const observed = await observe(deps, machine, context);
    const row = rowOf(machine, observed, readKnownState(knownStatePath(deps.storage, name)), timeoutMs, deps);
    if (row.stateAgeMs === undefined) await rememberRow(deps, name, observed);
    const expiry = await deps.certificates.expiry(deps.store.directory(name));
    const error = machine.phase === 'ready' ? row.error : await unfinished(deps, machine);
    return {
      ...row,
      error: [error, expiryWarning(machine, expiry, deps.clock.now())]
        .filter((text) => text !== '')
        .join('; '),
      responseMs: Math.round(performance.now() - began),
      ...(expiry && { certificatesExpireAt: expiry.expiresAt }),
    };
  } catch (error) {
    return { ...blank, state: 'Error', error: errorMessage(error) };
  }
}

const day = 24 * 3600 * 1000;
const warnBefore = 30 * day;

function expiryWarning({ name, foreign }: MachineRecord, expiry: Expiry | undefined, now: number): string {
  if (!expiry || expiry.expiresAt - now > warnBefore) return '';
  const days = Math.floor((expiry.expiresAt - now) / day);
  const when = days < 0 ? 'have expired' : `expire in ${days === 1 ? '1 day' : `${days} days`}`;
  return `certificates ${when}${foreign ? '' : `: run "tsmachine regenerate-certs ${name}"`}`;
}

interface Observation {
  /** Undefined when the driver did not answer in time. */
  readonly status: InstanceStatus | undefined;
  readonly engine: EngineVersion | undefined;
  readonly error: string;
}

/** Driver and agent are asked at the same time: either may be the one that hangs. Of a host that is off no agent is waited for. */
async function observe(
  deps: MachineDependencies,
  machine: MachineRecord,
  context: MachineContext,
): Promise<Observation> {
  const { instance } = machine.driver;
  const status = instance === undefined ? undefined : askDriver(deps, machine, context);
  const off = new AbortController();
  const signal = AbortSignal.any([context.signal, off.signal]);
  const engine = machine.phase === 'ready' ? askAgent(deps, machine, { ...context, signal }) : undefined;
  const [ofDriver, ofAgent] = await Promise.all([
    bounded(status, context.signal).then((answer) => {
      if (isOff(answer?.value)) off.abort();
      return answer;
    }),
    bounded(engine, signal),
  ]);
  return {
    status: ofDriver?.value,
    engine: ofAgent?.value,
    error: ofDriver?.error ?? ofAgent?.error ?? '',
  };
}

function isOff(status: InstanceStatus | undefined): boolean {
  return status !== undefined && status.state !== 'running' && status.state !== 'unknown';
}

async function askDriver(
  deps: MachineDependencies,
  machine: MachineRecord,
  context: MachineContext,
): Promise<InstanceStatus | undefined> {
  const driver = await driverOf(deps, machine);
  return machine.driver.instance && driver.inspect(machine.driver.instance, context);
}

async function askAgent(
  deps: MachineDependencies,
  machine: MachineRecord,
  context: MachineContext,
): Promise<EngineVersion | undefined> {
  if (machine.address === undefined) return undefined;
  return askEngineVersion(deps, machine, machine.address, 60_000, context);
}

/** Neither throws nor lasts longer than the signal, even where the work does not honour it. */
async function bounded<T>(
  work: Promise<T> | undefined,
  signal: AbortSignal,
): Promise<{ readonly value?: T; readonly error?: string } | undefined> {
  if (!work) return undefined;
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const answer = work.then(
    (value) => ({ value }),
    (error: unknown) => (signal.aborted ? undefined : { error: errorLine(error) }),
  );
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function errorLine(error: unknown): string {
  const code = isTsmachineError(error) ? error.code : '';
  return code === 'ENGINE_UNREACHABLE' ? 'the agent does not answer' : errorMessage(error);
}

function rowOf(
  machine: MachineRecord,
  seen: Observation,
  known: KnownState | undefined,
  timeoutMs: number,
  deps: MachineDependencies,
): Row {
  const url = engineUrl(machine) ?? '';
  const base = {
    name: machine.name,
    driver: machine.driver.name,
    url,
    labels: machine.engine.labels,
    responseMs: 0,
  };
  if (machine.phase === 'creating') return { ...base, state: 'Creating', error: '' };
  const state = stateOf(seen);
  if (state === undefined) {
    const error = seen.error || `no answer within ${timeoutMs / 1000}s`;
    if (!known) return { ...base, state: seen.error ? 'Unknown' : 'Timeout', error };
    return { ...base, ...lastKnown(known, deps.clock.now()), error };
  }
  if (state !== 'running') {
    return { ...base, state: stateWord(state), url: '', error: seen.status?.problem ?? '' };
  }
  if (seen.engine)
    return { ...base, state: 'Running', dockerVersion: seen.engine.version, error: seen.error };
  return {
    ...base,
    state: 'Running',
    error: seen.error || `the agent did not answer within ${timeoutMs / 1000}s`,
  };
}

/** Where the driver does not know (a host over SSH), an agent that answers proves that the host runs. */
function stateOf(seen: Observation): MachineState | undefined {
  const state = seen.status?.state;
  if (state !== undefined && state !== 'unknown') return state;
  return seen.engine ? 'running' : undefined;
}

function lastKnown(known: KnownState, now: number): Pick<Row, 'state' | 'stateAgeMs' | 'dockerVersion'> {
  const row = { state: stateWord(known.state), stateAgeMs: Math.max(0, now - known.seenAt) };
  return known.dockerVersion === undefined ? row : { ...row, dockerVersion: known.dockerVersion };
}

async function unfinished(deps: MachineDependencies, { name, phase }: MachineRecord): Promise<string> {
  const holder = await deps.store.lockHolder(name);
  if (holder !== undefined) return `being worked on by process ${holder}`;
  const finish = phase === 'creating' ? 'create --resume' : 'provision';
  return `creation not finished: run "tsmachine ${finish} ${name}"`;
}

async function rememberRow(deps: MachineDependencies, name: string, seen: Observation): Promise<void> {
  const state = stateOf(seen);
  if (state === undefined) return;
  const known: KnownState = { state, seenAt: deps.clock.now() };
  const path = knownStatePath(deps.storage, name);
  await writeKnownState(path, seen.engine ? { ...known, dockerVersion: seen.engine.version } : known);
}

/** docker-machine's spelling. */
export function stateWord(state: MachineState): string {
  return `${state.charAt(0).toUpperCase()}${state.slice(1)}`;
}
