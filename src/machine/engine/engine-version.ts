import { silentReporter } from '../../shared/reporter.js';
import { openConnection } from '../connection/connect.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { machineAddress, machineUrl } from '../store/access.js';
import type { MachineRecord } from '../store/record.js';
import type { EngineVersion } from './engine-client.js';
import { endpointAt } from './engine-endpoint.js';

/** Asks the engine, over TLS, or over SSH where there is no other way. Throws as `EngineProbe` and the transport do. */
export async function askEngineVersion(
  deps: MachineDependencies,
  machine: MachineRecord,
  address: string,
  timeoutMs: number,
  context: MachineContext,
): Promise<EngineVersion> {
  if (machine.sshUrl !== undefined) return await askOverSsh(deps, machine, context);
  const endpoint = await endpointAt(deps, machine, address);
  return deps.engine.version(endpoint, { timeoutMs, signal: context.signal });
}

/** Throws MACHINE_NOT_RUNNING, MACHINE_NOT_READY, and what `askEngineVersion` throws. */
export async function engineVersionOf(
  deps: MachineDependencies,
  name: string,
  signal: AbortSignal,
): Promise<EngineVersion> {
  const machine = await deps.store.load(name);
  const address = machineAddress(deps.storage, machine);
  machineUrl(deps.storage, machine);
  return askEngineVersion(deps, machine, address, 10_000, { signal, reporter: silentReporter });
}

async function askOverSsh(
  deps: MachineDependencies,
  machine: MachineRecord,
  context: MachineContext,
): Promise<EngineVersion> {
  const driver = await driverOf(deps, machine);
  const { connection } = await openConnection(deps, machine, driver, context);
  await using _connection = connection;
  const host = await deps.hostAccess();
  return await host.dockerVersion(connection, context.signal);
}
