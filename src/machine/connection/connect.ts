import { basename, isAbsolute, resolve } from 'node:path';
import type { AnyDriver } from '../../drivers/driver.js';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { waitUntil } from '../../shared/wait-until.js';
import { PinnedHostKey } from '../../ssh/host-keys.js';
import type { SshConnection, SshEndpoint } from '../../ssh/transport.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { machineNotCreated } from '../errors.js';
import { addSecrets } from '../secrets/machine-secrets.js';
import type { MachineRecord } from '../store/record.js';
import { MachineLogin } from './machine-login.js';

export interface OpenedMachine {
  /** Closed by the caller. */
  readonly connection: SshConnection;
  /** With the host key pinned; saved only where a password was kept. */
  readonly machine: MachineRecord;
  readonly login: MachineLogin;
}

/** How long a host that was just made or started may take until SSH answers. */
const bootTimeoutMs = 180_000;
const attemptTimeoutMs = 20_000;

/** How much slower than usual the host is, by its driver. */
export function patienceOf(machine: MachineRecord, driver: AnyDriver): number {
  const { instance } = machine.driver;
  return (instance && driver.patience?.(instance)) ?? 1;
}

export interface LoginOptions {
  /** Instead of the driver's. */
  readonly user?: string | undefined;
  /** Where the machine's files are while it has no place in the store. */
  readonly directory?: string | undefined;
}

/** One attempt. Throws MACHINE_NOT_CREATED, and what the transport throws. */
export async function openConnection(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
  { user, directory }: LoginOptions = {},
): Promise<OpenedMachine> {
  const known = sshEndpointOf(deps, machine, driver, directory);
  const endpoint = user === undefined ? known : { ...known, user };
  let hostKey = pinnedKeyOf(machine, driver);
  const hostKeys = new PinnedHostKey(hostKey, async (key) => {
    hostKey = key;
  });
  const transport = await deps.transport();
  const options = {
    hostKeys,
    timeoutMs: attemptTimeoutMs * patienceOf(machine, driver),
    signal: context.signal,
  };
  const { instance } = machine.driver;
  const secrets = new MachineLogin(deps, machine, endpoint, instance && driver.passwordLogin?.(instance));
  const connection = await transport.connect(endpoint, { ...options, secrets });
  const pinned = hostKey === undefined ? machine : { ...machine, hostKey };
  return { connection, machine: await addSecrets(deps, pinned, secrets.toKeep, context), login: secrets };
}

/**
 * The same, tried again until the host has booted. A host whose power the driver does not control is there
 * already or not at all: one attempt.
 */
export async function waitForConnection(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<OpenedMachine> {
  if (driver.controlsPower === false) return openConnection(deps, machine, driver, context);
  let lastError: unknown;
  return waitUntil(
    () =>
      openConnection(deps, machine, driver, context).catch((error) => {
        if (!isPassing(error)) throw error;
        lastError = error;
        return undefined;
      }),
    {
      what: `SSH on machine "${machine.name}"`,
      timeoutMs: bootTimeoutMs * patienceOf(machine, driver),
      intervalMs: 100,
      signal: context.signal,
      clock: deps.clock,
      lastSeen: () => (lastError === undefined ? undefined : errorMessage(lastError)),
    },
  );
}

/** Paths in it are absolute: an instance may name key files relative to the machine's directory. */
export function sshEndpointOf(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  directory = deps.store.directory(machine.name),
): SshEndpoint {
  if (machine.driver.instance === undefined) throw machineNotCreated(machine.name);
  const endpoint = driver.sshEndpoint(machine.driver.instance);
  const inDirectory = (file: string) => resolve(directory, withoutStore(file, machine.name));
  return { ...endpoint, identityFiles: endpoint.identityFiles.map(inDirectory) };
}

/** Records of before hold the path of the store, which may have been moved since. */
function withoutStore(file: string, machine: string): string {
  const parts = file.split(/[\\/]/);
  return isAbsolute(file) && parts.at(-2) === machine && parts.at(-3) === 'machines' ? basename(file) : file;
}

/** A driver that makes the host can know its key from the beginning. */
export function pinnedKeyOf(machine: MachineRecord, driver: AnyDriver): string | undefined {
  return machine.hostKey ?? (machine.driver.instance && driver.hostKey?.(machine.driver.instance));
}

/** sshd is not up yet, or the first boot has not installed our key yet. */
export function isPassing(error: unknown): boolean {
  if (!isTsmachineError(error)) return false;
  return ['SSH_UNREACHABLE', 'SSH_AUTHENTICATION_FAILED', 'SSH_CONNECTION_LOST'].includes(error.code);
}
