import type { DriverPlugin } from '../drivers/plugin.js';
import type { DriverRegistry } from '../drivers/registry.js';
import { Certificates } from '../machine/certificates.js';
import { jumpHostKeys } from '../machine/connection/jump-host-keys.js';
import type { SecretPrompt } from '../machine/dependencies.js';
import type { EngineProbe } from '../machine/engine/engine-client.js';
import { MachineService } from '../machine/machine-service.js';
import { FileMachineStore } from '../machine/store/file-machine-store.js';
import {
  certificatesDirectory,
  jumpHostKeysPath,
  registryLoginsPath,
  secretsDirectory,
} from '../machine/store/storage.js';
import type { HostAccess } from '../provision/host-access.js';
import type { Provisioner } from '../provision/provisioner.js';
import { type SecretStoreChoice, SecretVault } from '../secrets/secret-vault.js';
import { systemClock } from '../shared/clock.js';
import type { SshTransport } from '../ssh/transport.js';
import { dockerConfigDirectory } from './docker-config-directory.js';
import { RegistryLogins } from './registry/registry-logins.js';

/** What a command may use. */
export interface Services {
  readonly machines: MachineService;
  readonly logins: RegistryLogins;
  drivers(): Promise<DriverRegistry>;
}

export interface ServiceOptions {
  /** Absolute path of the store. */
  readonly storage: string;
  /** Where new secrets go. */
  readonly secretStore: SecretStoreChoice;
  readonly prompt: SecretPrompt;
  /** The drivers of third parties. */
  plugins(): Promise<readonly DriverPlugin[]>;
}

/** Wires the CLI. Whatever is costly to load (ssh2, x509, a driver's libraries) is imported when first used. */
export function createServices(options: ServiceOptions): Services {
  const { storage, plugins, secretStore, prompt } = options;
  const drivers = async () => driverRegistry(await plugins());
  const secrets = secretVault(storage, secretStore);
  const machines = new MachineService({
    storage,
    store: new FileMachineStore(storage),
    certificates: new Certificates(certificatesDirectory(storage), () => import('../pki/authority.js')),
    engine,
    clock: systemClock,
    secrets,
    prompt,
    environment: process.env,
    drivers,
    transport: () => transport(storage),
    provisioner,
    hostAccess,
  });
  const dockerConfig = dockerConfigDirectory(process.env);
  const logins = new RegistryLogins({
    index: registryLoginsPath(storage),
    dockerConfig,
    vault: secrets,
    environment: process.env,
  });
  return { machines, logins, drivers };
}

/** node:https alone would take as long as the rest of a command that does not ask an engine. */
const engine: EngineProbe = {
  async ping(endpoint, options) {
    const { engineProbe } = await import('../machine/engine/engine-client.js');
    await engineProbe.ping(endpoint, options);
  },
  async version(endpoint, options) {
    const { engineProbe } = await import('../machine/engine/engine-client.js');
    return engineProbe.version(endpoint, options);
  },
};

function secretVault(storage: string, choice: SecretStoreChoice): SecretVault {
  return new SecretVault({
    choice,
    async keyring() {
      const { KeyringSecretStore } = await import('../secrets/keyring-secret-store.js');
      return new KeyringSecretStore({ service: 'tsmachine' });
    },
    async file() {
      const [{ FileSecretStore }, { passphraseFrom }] = await Promise.all([
        import('../secrets/file-secret-store.js'),
        import('../secrets/passphrase.js'),
      ]);
      const directory = secretsDirectory(storage);
      return new FileSecretStore({ directory, passphrase: () => passphraseFrom(process.env) });
    },
  });
}

async function driverRegistry(plugins: readonly DriverPlugin[]): Promise<DriverRegistry> {
  const { DriverRegistry } = await import('../drivers/registry.js');
  return new DriverRegistry(plugins);
}

async function transport(storage: string): Promise<SshTransport> {
  const { Ssh2Transport } = await import('../ssh/ssh2-transport.js');
  return new Ssh2Transport({ jumpHostKeys: jumpHostKeys(jumpHostKeysPath(storage)) });
}

async function hostAccess(): Promise<HostAccess> {
  const { SshHostAccess } = await import('../provision/ssh-host-access.js');
  return new SshHostAccess();
}

async function provisioner(): Promise<Provisioner> {
  const { SshProvisioner } = await import('../provision/ssh-provisioner.js');
  return new SshProvisioner();
}
