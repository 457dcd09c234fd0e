import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../src/shared/json.js';

/** The driver's object of docker-machine's generic driver. */
export const genericDriver = {
  IPAddress: '192.0.2.7',
  MachineName: 'old',
  SSHUser: 'deploy',
  SSHPort: 2222,
  SSHKeyPath: '/home/someone/.docker/machine/machines/old/id_rsa',
  EnginePort: 12376,
  SSHKey: '',
};

const engineOptions = {
  Labels: ['provider=generic'],
  InsecureRegistry: ['r.example:5000'],
  RegistryMirror: null,
};

/** config.json as docker-machine of each config version wrote it (libmachine/host/migrate_v*.go). */
export const configs: Readonly<Record<number, (driver: string, settings: JsonObject) => JsonObject>> = {
  // Paths and swarm values on the host itself, and no version.
  0: (driver, settings) => ({
    DriverName: driver,
    Driver: settings,
    StorePath: '/home/someone/.docker/machine/machines/old',
    CaCertPath: '/home/someone/.docker/machine/certs/ca.pem',
    PrivateKeyPath: '/home/someone/.docker/machine/certs/ca-key.pem',
    ServerCertPath: '/home/someone/.docker/machine/machines/old/server.pem',
    ServerKeyPath: '/home/someone/.docker/machine/machines/old/server-key.pem',
    ClientCertPath: '/home/someone/.docker/machine/certs/cert.pem',
    SwarmHost: 'tcp://0.0.0.0:3376',
    SwarmMaster: false,
    SwarmDiscovery: '',
    HostOptions: { Driver: '', EngineOptions: engineOptions },
  }),
  1: (driver, settings) => ({
    ConfigVersion: 1,
    DriverName: driver,
    Driver: settings,
    StorePath: '/home/someone/.docker/machine/machines/old',
    HostOptions: {
      EngineOptions: engineOptions,
      AuthOptions: {
        CaCertPath: '/home/someone/.docker/machine/certs/ca.pem',
        PrivateKeyPath: '/home/someone/.docker/machine/certs/ca-key.pem',
        ClientKeyPath: '/home/someone/.docker/machine/certs/key.pem',
        ClientCertPath: '/home/someone/.docker/machine/certs/cert.pem',
      },
    },
  }),
  2: (driver, settings) => ({
    ConfigVersion: 2,
    Name: 'old',
    DriverName: driver,
    Driver: settings,
    HostOptions: { EngineOptions: engineOptions, AuthOptions: authOptions },
  }),
  3: (driver, settings) => ({
    ConfigVersion: 3,
    Name: 'old',
    DriverName: driver,
    Driver: { ...settings, StorePath: '/home/someone/.docker/machine' },
    HostOptions: { EngineOptions: engineOptions, AuthOptions: authOptions },
  }),
};

const authOptions = {
  CertDir: '/home/someone/.docker/machine/certs',
  CaCertPath: '/home/someone/.docker/machine/certs/ca.pem',
  CaPrivateKeyPath: '/home/someone/.docker/machine/certs/ca-key.pem',
  ClientKeyPath: '/home/someone/.docker/machine/certs/key.pem',
  ClientCertPath: '/home/someone/.docker/machine/certs/cert.pem',
  StorePath: '/home/someone/.docker/machine/machines/old',
};

/** A machine in a store of docker-machine's, with its certificates and key unless told otherwise. */
export async function writeTheirMachine(
  root: string,
  name: string,
  config: JsonObject | string,
  files: readonly string[] = ['ca.pem', 'cert.pem', 'key.pem', 'id_rsa'],
): Promise<void> {
  const directory = join(root, 'machines', name);
  await mkdir(directory, { recursive: true });
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 4);
  await writeFile(join(directory, 'config.json'), text);
  for (const file of files) await writeFile(join(directory, file), `${file} of ${name}`);
}
