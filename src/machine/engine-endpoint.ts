import { readFile } from 'node:fs/promises';
import { machineAddress, machineUrl } from './access.js';
import type { MachineDependencies } from './dependencies.js';
import type { EngineEndpoint } from './engine-client.js';
import { engineOverSshOnly } from './errors.js';
import type { MachineRecord } from './record.js';
import { machineCertificatePaths } from './storage.js';

/** Of a machine that should be running. Throws MACHINE_NOT_RUNNING, MACHINE_NOT_READY, ENGINE_OVER_SSH_ONLY. */
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
  if (machine.sshUrl !== undefined) throw engineOverSshOnly(machine.name);
  if (machine.foreign) return foreignEndpoint(deps, machine, address);
  const { authority, client } = await deps.certificates.ensure();
  return {
    host: address,
    port: machine.engine.port,
    ca: authority.certificate,
    cert: client.certificate,
    key: client.key,
  };
}

async function foreignEndpoint(
  deps: MachineDependencies,
  { name, engine }: MachineRecord,
  host: string,
): Promise<EngineEndpoint> {
  const paths = machineCertificatePaths(deps.storage, name);
  const [ca, cert, key] = await Promise.all(
    [paths.ca, paths.cert, paths.key].map((path) => readFile(path, 'utf8')),
  );
  return { host, port: engine.port, ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
}
