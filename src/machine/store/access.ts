import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTsmachineError } from '../../shared/errors.js';
import { hostNotRunning, machineNotReady } from '../errors.js';
import { machineNotFound, noActiveMachine, noMachineNamed, recordDamaged } from './errors.js';
import { readKnownState } from './known-state.js';
import { compareNames, isMachineName } from './names.js';
import { engineUrl, type MachineRecord, parseRecord } from './record.js';
import { activePath, knownStatePath, machineDirectory, recordCopyPath, recordPath } from './storage.js';

// Synchronous and light on purpose: these answer `env`, `url`, `ip` and `active`, which shells run at every start.

/**
 * The record, or its copy where the record is damaged.
 * Throws MACHINE_NOT_FOUND, MACHINE_RECORD_DAMAGED, STORE_VERSION_TOO_NEW.
 */
export function readRecord(storage: string, name: string): MachineRecord {
  if (!isMachineName(name) || !existsSync(machineDirectory(storage, name))) throw machineNotFound(name);
  try {
    return readRecordFile(name, recordPath(storage, name));
  } catch (error) {
    if (!isTsmachineError(error) || error.code !== 'MACHINE_RECORD_DAMAGED') throw error;
    const copy = recordCopyPath(storage, name);
    if (!existsSync(copy)) throw error;
    return readRecordFile(name, copy);
  }
}

function readRecordFile(name: string, path: string): MachineRecord {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw recordDamaged(name, cause);
  }
  return parseRecord(name, value);
}

/** Throws MACHINE_NOT_RUNNING when it was last seen stopped, MACHINE_NOT_READY while it has no address. */
export function machineAddress(storage: string, machine: MachineRecord): string {
  const known = readKnownState(knownStatePath(storage, machine.name));
  if (known?.state === 'stopped') throw hostNotRunning(machine.name);
  if (machine.address === undefined) throw machineNotReady(machine.name);
  return machine.address;
}

/** DOCKER_HOST of the machine. Throws as `machineAddress` does, and MACHINE_NOT_READY before it was provisioned. */
export function machineUrl(storage: string, machine: MachineRecord): string {
  machineAddress(storage, machine);
  if (machine.phase !== 'ready') throw machineNotReady(machine.name);
  return engineUrl(machine) ?? '';
}

export interface ActiveMachine {
  readonly name: string;
  /** The variable that names it, or "use". */
  readonly by: string;
}

/**
 * The machine that this shell works on: TSMACHINE_NAME, else DOCKER_MACHINE_NAME if such a machine is in the
 * store, else the one whose URL is DOCKER_HOST, else the one chosen by `use`. Undefined when none is.
 * Throws MACHINE_NOT_FOUND when TSMACHINE_NAME names none: taking another one instead could do harm there.
 */
export function findActive(storage: string, environment: NodeJS.ProcessEnv): ActiveMachine | undefined {
  const named = environment['TSMACHINE_NAME'];
  if (named) {
    if (!isInStore(storage, named)) throw machineNotFound(named);
    return { name: named, by: 'TSMACHINE_NAME' };
  }
  const dockerMachine = environment['DOCKER_MACHINE_NAME'];
  if (dockerMachine && isInStore(storage, dockerMachine)) {
    return { name: dockerMachine, by: 'DOCKER_MACHINE_NAME' };
  }
  const host = environment['DOCKER_HOST'];
  const withUrl = host ? machineWithUrl(storage, host) : undefined;
  if (withUrl !== undefined) return { name: withUrl, by: 'DOCKER_HOST' };
  const chosen = chosenMachine(storage);
  return chosen === undefined ? undefined : { name: chosen, by: 'use' };
}

/** Throws as `findActive` does. */
export function findActiveMachine(storage: string, environment: NodeJS.ProcessEnv): string | undefined {
  return findActive(storage, environment)?.name;
}

/** Throws NO_ACTIVE_MACHINE, MACHINE_NOT_FOUND. */
export function activeMachine(storage: string, environment: NodeJS.ProcessEnv): string {
  const name = findActiveMachine(storage, environment);
  if (name === undefined) throw noActiveMachine();
  return name;
}

/**
 * The machine that a command without a name means: docker-machine's "default" if there is one, else the active one.
 * Throws MACHINE_NAME_MISSING.
 */
export function defaultMachine(storage: string, environment: NodeJS.ProcessEnv): string {
  if (isInStore(storage, 'default')) return 'default';
  const name = findActiveMachine(storage, environment);
  if (name === undefined) throw noMachineNamed();
  return name;
}

/** The one chosen by `use`, while it exists. */
export function chosenMachine(storage: string): string | undefined {
  try {
    const name = readFileSync(activePath(storage), 'utf8').trim();
    return isInStore(storage, name) ? name : undefined;
  } catch {
    return undefined;
  }
}

export function isInStore(storage: string, name: string): boolean {
  return isMachineName(name) && existsSync(machineDirectory(storage, name));
}

/** Sorted as in `ls`. */
export function machineNames(storage: string): readonly string[] {
  try {
    const entries = readdirSync(join(storage, 'machines'), { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && isMachineName(entry.name));
    return names.map(({ name }) => name).sort(compareNames);
  } catch {
    return [];
  }
}

function machineWithUrl(storage: string, url: string): string | undefined {
  let names: string[] = [];
  try {
    names = readdirSync(join(storage, 'machines'));
  } catch {
    return undefined;
  }
  return names.find((name) => urlIfReadable(storage, name) === url);
}

function urlIfReadable(storage: string, name: string): string | undefined {
  try {
    return engineUrl(readRecord(storage, name));
  } catch {
    return undefined; // a damaged record breaks only its own machine
  }
}
