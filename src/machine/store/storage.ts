import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The option, else the environment, else `~/.tsmachine`; always absolute. */
export function storagePath(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  const chosen = option ?? (environment['TSMACHINE_STORAGE_PATH'] || environment['MACHINE_STORAGE_PATH']);
  return chosen ? resolve(chosen) : join(homedir(), '.tsmachine');
}

export function machineDirectory(storage: string, name: string): string {
  return join(storage, 'machines', name);
}

export function recordPath(storage: string, name: string): string {
  return join(machineDirectory(storage, name), 'config.json');
}

/** The same as the record: for when that is damaged. */
export function recordCopyPath(storage: string, name: string): string {
  return join(machineDirectory(storage, name), 'config.json.bak');
}

export function knownStatePath(storage: string, name: string): string {
  return join(machineDirectory(storage, name), 'state.json');
}

/** CA and client pair that docker finds by DOCKER_CERT_PATH. */
export function machineCertificatePaths(storage: string, name: string) {
  const directory = machineDirectory(storage, name);
  return {
    ca: join(directory, 'ca.pem'),
    cert: join(directory, 'cert.pem'),
    key: join(directory, 'key.pem'),
  };
}

/** Holds the name chosen by `use`. */
export function activePath(storage: string): string {
  return join(storage, 'active');
}

/** Holds the identity of the store that owner tags carry. */
export function storeIdPath(storage: string): string {
  return join(storage, 'store-id');
}

/** For the CA and the client pair of all machines. */
export function certificatesDirectory(storage: string): string {
  return join(storage, 'certs');
}

/** For secrets, where there is no keyring. */
export function secretsDirectory(storage: string): string {
  return join(storage, 'secrets');
}

/** Where the logins of registries are; not the logins. */
export function registryLoginsPath(storage: string): string {
  return join(storage, 'registry-logins.json');
}

/** Keys of the hosts on the way to machines. */
export function jumpHostKeysPath(storage: string): string {
  return join(storage, 'jump-hosts.json');
}
