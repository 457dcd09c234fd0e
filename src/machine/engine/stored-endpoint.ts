import { readFileSync } from 'node:fs';
import type { EngineEndpoint } from '../../api/client/endpoint.js';
import { machineAddress, machineUrl, readRecord } from '../store/access.js';
import { machineCertificatePaths } from '../store/storage.js';
import { engineOverSshOnly } from './errors.js';

/**
 * Of a machine's engine, from the files that are also docker's: no certificate is looked at or made anew. For what must
 * be quick and may fail. Throws as `machineUrl`, ENGINE_OVER_SSH_ONLY.
 */
export function storedEndpoint(storage: string, name: string): EngineEndpoint {
  const machine = readRecord(storage, name);
  machineUrl(storage, machine);
  if (machine.sshUrl !== undefined) throw engineOverSshOnly(name);
  const { ca, cert, key } = machineCertificatePaths(storage, name);
  return {
    host: machineAddress(storage, machine),
    port: machine.engine.port,
    ca: readFileSync(ca, 'utf8'),
    cert: readFileSync(cert, 'utf8'),
    key: readFileSync(key, 'utf8'),
  };
}
