import { join } from 'node:path';
import type { JsonObject } from '../shared/json.js';
import type { SshEndpoint } from '../ssh/transport.js';
import { sshEndpointOf } from './connection/connect.js';
import { driverOf, type MachineDependencies } from './dependencies.js';
import type { EngineProxies, MachineRecord } from './store/record.js';
import { certificatesDirectory, machineDirectory } from './store/storage.js';

/** As docker-machine's `inspect`. Throws MACHINE_NOT_FOUND, MACHINE_RECORD_DAMAGED. */
export async function inspectMachine(deps: MachineDependencies, name: string): Promise<JsonObject> {
  const machine = await deps.store.load(name);
  const ssh = await driverOf(deps, machine)
    .then((driver) => sshEndpointOf(deps, machine, driver))
    .catch(() => undefined); // driver missing, or no host yet: the rest is worth showing
  return inspectView(deps.storage, machine, ssh);
}

/**
 * The record in the shape of docker-machine's `inspect`, since templates such as `{{.Driver.IPAddress}}` are in
 * many scripts; what only we know is under `Record`. `ssh` is absent where the driver is not installed.
 */
function inspectView(storage: string, machine: MachineRecord, ssh: SshEndpoint | undefined): JsonObject {
  const { name, driver, engine, address } = machine;
  const directory = machineDirectory(storage, name);
  const certificates = certificatesDirectory(storage);
  return {
    ConfigVersion: 3,
    Name: name,
    DriverName: driver.name,
    Driver: {
      IPAddress: address ?? '',
      MachineName: name,
      SSHUser: ssh?.user ?? '',
      SSHPort: ssh?.port ?? 0,
      SSHKeyPath: ssh?.identityFiles[0] ?? '',
      StorePath: storage,
      EnginePort: engine.port,
    },
    HostOptions: {
      EngineOptions: {
        InsecureRegistry: engine.insecureRegistries,
        Labels: engine.labels,
        RegistryMirror: engine.registryMirrors,
        Env: [...engineEnvironment(engine.proxies)],
        TLSVerify: true,
      },
      AuthOptions: {
        CertDir: certificates,
        CaCertPath: join(certificates, 'ca.pem'),
        CaPrivateKeyPath: join(certificates, 'ca-key.pem'),
        ClientCertPath: join(certificates, 'cert.pem'),
        ClientKeyPath: join(certificates, 'key.pem'),
        ServerCertPath: join(directory, 'server.pem'),
        ServerKeyPath: join(directory, 'server-key.pem'),
        ServerCertSANs: engine.tlsSans,
        StorePath: directory,
      },
    },
    // A record is read from JSON and written as JSON.
    Record: machine as unknown as JsonObject,
  };
}

/** As docker-machine keeps them. */
function engineEnvironment({ httpProxy, httpsProxy, noProxy }: EngineProxies = {}): readonly string[] {
  const named = { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy };
  return Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}
