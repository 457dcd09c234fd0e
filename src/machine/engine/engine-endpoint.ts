import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import type { IssuedPair } from '../certificates.js';
import type { MachineDependencies } from '../dependencies.js';
import { machineAddress, machineUrl } from '../store/access.js';
import type { MachineRecord } from '../store/record.js';
import { machineCertificatePaths } from '../store/storage.js';
import type { EngineEndpoint } from './engine-client.js';
import { engineOverSshOnly } from './errors.js';

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
  const ca = await readFile(paths.ca, 'utf8');
  const { certificate, key } = await clientPair(deps, paths);
  return { host, port: engine.port, ca, cert: certificate, key };
}

/** On an adopted host the pair is a copy of the store's, which is made anew from time to time. */
async function clientPair(
  deps: MachineDependencies,
  paths: { readonly cert: string; readonly key: string },
): Promise<IssuedPair> {
  const [certificate, key] = await Promise.all([readFile(paths.cert, 'utf8'), readFile(paths.key, 'utf8')]);
  const { authority, client } = await deps.certificates.ensure();
  if (certificate === client.certificate || !isIssuedBy(certificate, authority)) return { certificate, key };
  await writeFileAtomically(paths.key, client.key);
  await writeFileAtomically(paths.cert, client.certificate);
  return client;
}

function isIssuedBy(certificate: string, authority: IssuedPair): boolean {
  try {
    return new X509Certificate(certificate).verify(new X509Certificate(authority.certificate).publicKey);
  } catch {
    return false; // no certificate at all: TLS will say so
  }
}
