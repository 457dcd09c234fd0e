import type { AnyDriver } from '../drivers/driver.js';
import type { ProvisionResult } from '../provision/provisioner.js';
import { isTsmachineError } from '../shared/errors.js';
import { version } from '../shared/version.js';
import { waitUntil } from '../shared/wait-until.js';
import type { SshConnection } from '../ssh/transport.js';
import { type OpenedMachine, openConnection, patienceOf, sshEndpointOf } from './connection/connect.js';
import { driverOf, type MachineContext, type MachineDependencies } from './dependencies.js';
import { endpointAt } from './engine/engine-endpoint.js';
import { engineNotOurs } from './engine/errors.js';
import { hostNotRunning, machineNotCreated } from './errors.js';
import { addSecrets } from './secrets/machine-secrets.js';
import { writeKnownState } from './store/known-state.js';
import type { MachineRecord } from './store/record.js';
import { knownStatePath } from './store/storage.js';

export type { ProvisionResult };

export interface ProvisionOptions {
  /** Makes the server's certificate anew though it is valid. */
  readonly renewCertificate?: boolean;
}

/** How long a freshly started agent may take until it answers over mutual TLS. */
const agentTimeoutMs = 30_000;
/** The agent may still be loading the certificates that it was just given. */
const certificateTimeoutMs = 5_000;

/**
 * Makes the host serve the agent, or finds that it does; also finishes a creation that was interrupted.
 * Throws MACHINE_NOT_CREATED when there is no host yet, MACHINE_NOT_RUNNING when it is off.
 */
export async function provisionMachine(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
  options: ProvisionOptions = {},
): Promise<ProvisionResult> {
  await using _lock = await deps.store.lock(name, context.signal);
  const machine = await deps.store.load(name);
  if (machine.foreign) throw engineNotOurs(name);
  const driver = await driverOf(deps, machine);
  const { instance } = machine.driver;
  if (instance === undefined || machine.phase === 'creating') throw machineNotCreated(name);
  const { state } = await driver.inspect(instance, context);
  if (state === 'stopped') throw hostNotRunning(name);
  context.reporter.step(`Connecting to "${name}" over SSH`);
  const opened = await openConnection(deps, machine, driver, context);
  await using _connection = opened.connection;
  // Not awaited here, the connection and the lock would be given back while the work goes on.
  return await provisionOver(deps, opened, driver, context, options);
}

/** The part behind the connection, shared with `create` and `start`; the connection stays open. */
export async function provisionOver(
  deps: MachineDependencies,
  { machine, connection, login }: OpenedMachine,
  driver: AnyDriver,
  context: MachineContext,
  options: ProvisionOptions = {},
): Promise<ProvisionResult> {
  if (machine.foreign) throw engineNotOurs(machine.name);
  const address = await addressOf(deps, machine, driver, context);
  // A machine that was ready stays so: failing to provision it again takes nothing away.
  const phase = machine.phase === 'ready' ? 'ready' : 'provisioning';
  const current: MachineRecord = { ...machine, address, phase };
  await deps.store.save(current);
  const patience = patienceOf(current, driver);
  const result = await applyTarget(deps, current, connection, patience, context, options);
  context.reporter.step('Checking the agent over mutual TLS');
  const dockerVersion = await waitForAgent(deps, current, address, patience, context);
  const keeping = await addSecrets(deps, current, login.toKeep, context); // sudo's password may be new
  await deps.store.save({
    ...keeping,
    phase: 'ready',
    provisioned: {
      at: new Date(deps.clock.now()).toISOString(),
      agentVersion: version,
      operatingSystem: result.operatingSystem,
      architecture: result.architecture,
    },
  });
  const path = knownStatePath(deps.storage, machine.name);
  await writeKnownState(path, { state: 'running', seenAt: deps.clock.now(), dockerVersion });
  return result;
}

export async function addressOf(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<string> {
  const { instance } = machine.driver;
  if (instance === undefined) throw machineNotCreated(machine.name);
  const { address } = await driver.inspect(instance, context);
  return address ?? sshEndpointOf(deps, machine, driver).host;
}

async function applyTarget(
  deps: MachineDependencies,
  machine: MachineRecord,
  connection: SshConnection,
  patience: number,
  context: MachineContext,
  { renewCertificate: renew = false }: ProvisionOptions,
): Promise<ProvisionResult> {
  const { engine, name, address } = machine;
  const directory = deps.store.directory(name);
  const material = await deps.certificates.ensure(context.signal);
  await deps.certificates.installInto(directory, material);
  const names = [
    ...new Set([name, 'localhost', '127.0.0.1', ...(address ? [address] : []), ...engine.tlsSans]),
  ];
  const server = await deps.certificates.serverPair(directory, name, names, material, { renew });
  const provisioner = await deps.provisioner();
  const tls = {
    ca: material.authority.certificate,
    serverCertificate: server.certificate,
    serverKey: server.key,
  };
  const { tlsSans: _, ...settings } = engine;
  const target = { machineName: name, tls, ...settings, patience };
  return provisioner.provision(connection, target, context);
}

/** The engine's version, or the last error when it does not come in time. */
export async function waitForAgent(
  deps: MachineDependencies,
  machine: MachineRecord,
  address: string,
  patience: number,
  context: MachineContext,
): Promise<string> {
  const endpoint = await endpointAt(deps, machine, address);
  const began = deps.clock.now();
  return waitUntil(
    async () => {
      try {
        const answer = await deps.engine.version(endpoint, {
          timeoutMs: 5_000 * patience,
          signal: context.signal,
        });
        return answer.version;
      } catch (error) {
        const refused = isTsmachineError(error) && error.code === 'CERTIFICATE_INVALID';
        const limit = patience * (refused ? certificateTimeoutMs : agentTimeoutMs);
        if (!context.signal.aborted && deps.clock.now() - began < limit) return undefined;
        throw error;
      }
    },
    {
      what: 'the agent',
      timeoutMs: agentTimeoutMs * patience,
      intervalMs: 100,
      signal: context.signal,
      clock: deps.clock,
    },
  );
}
