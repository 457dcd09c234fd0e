import type { JsonObject } from '../../shared/json.js';
import { numberField, textField } from '../docker-machine-fields.js';
import { driverOptionInvalid } from '../errors.js';

/** Its drivers share these fields (libmachine/drivers/base.go); the engine's port is generic's. */
export function fromDockerMachine(theirs: JsonObject, identityFile: string | undefined) {
  const host = textField(theirs['IPAddress']);
  if (host === undefined)
    throw driverOptionInvalid('ssh-host', '', 'is not known: the machine had no address');
  const user = textField(theirs['SSHUser']) ?? 'root';
  const port = numberField(theirs['SSHPort']) ?? 22;
  const enginePort = numberField(theirs['EnginePort']) ?? 2376;
  const identityFiles = identityFile === undefined ? [] : [identityFile];
  return {
    options: {
      'ssh-host': host,
      'ssh-user': user,
      'ssh-port': port,
      'ssh-key': undefined,
      'ssh-engine-port': enginePort,
      'ssh-password-file': undefined,
      'ssh-sudo-password-file': undefined,
      'ssh-save-password': false,
    },
    instance: { host, port, user, identityFiles, jumpHosts: [], enginePort },
  };
}
