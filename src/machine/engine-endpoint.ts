import { machineAddress, machineUrl } from './access.js';
import type { MachineDependencies } from './dependencies.js';
import type { EngineEndpoint } from './engine-client.js';
import type { MachineRecord } from './record.js';

/** Of a machine that should be running. Throws MACHINE_NOT_RUNNING, MACHINE_NOT_READY. */
export async function engineEndpoint(
  deps: MachineDependencies,
  machine: MachineRecord,
): Promise<EngineEndpoint> {
  machineUrl(deps.storage, machine);
  return endpointAt(deps, machine, machineAddress(deps.storage, machine));
}

/** Of the machine at an address that was just learnt. */
export async function endpointAt(
  deps: MachineDependencies,
  machine: MachineRecord,
  address: string,
): Promise<EngineEndpoint> {
  const { authority, client } = await deps.certificates.ensure();
  return {
    host: address,
    port: machine.engine.port,
    ca: authority.certificate,
    cert: client.certificate,
    key: client.key,
  };
}
