import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Certificates } from '../../src/machine/certificates.js';
import type { CreateMachineRequest } from '../../src/machine/create/create-machine.js';
import type { MachineContext, MachineDependencies } from '../../src/machine/dependencies.js';
import { MachineService } from '../../src/machine/machine-service.js';
import { FileMachineStore } from '../../src/machine/store/file-machine-store.js';
import { certificatesDirectory, secretsDirectory } from '../../src/machine/store/storage.js';
import { FileSecretStore } from '../../src/secrets/file-secret-store.js';
import { SecretVault } from '../../src/secrets/secret-vault.js';
import type { Clock } from '../../src/shared/clock.js';
import type { Reporter } from '../../src/shared/reporter.js';
import { FakeDriver, fakeCatalog } from './fake-driver.js';
import { FakeEngine } from './fake-engine.js';
import { FakeHostAccess } from './fake-host-access.js';
import { FakeProvisioner } from './fake-provisioner.js';
import { FakeSsh } from './fake-ssh.js';

/** A real store in a directory of its own, with everything beyond it faked; disposal removes the directory. */
export class Workshop implements AsyncDisposable {
  readonly storage: string;
  readonly driver = new FakeDriver();
  readonly ssh = new FakeSsh();
  readonly provisioner = new FakeProvisioner();
  readonly hostAccess = new FakeHostAccess();
  readonly engine = new FakeEngine();
  readonly said: string[] = [];
  readonly aborter = new AbortController();
  readonly environment: NodeJS.ProcessEnv = {};
  /** What the user answers, by question. */
  readonly answers = new Map<string, string>();
  readonly store: FileMachineStore;
  readonly deps: MachineDependencies;
  readonly machines: MachineService;

  private constructor(storage: string) {
    this.storage = storage;
    this.store = new FileMachineStore(storage);
    this.deps = {
      storage,
      store: this.store,
      certificates: new Certificates(
        certificatesDirectory(storage),
        () => import('../../src/pki/authority.js'),
      ),
      engine: this.engine,
      clock: fastClock(),
      secrets: fileVault(storage),
      prompt: { ask: async (question) => this.answers.get(question) },
      environment: this.environment,
      drivers: async () => fakeCatalog(this.driver),
      transport: async () => this.ssh,
      provisioner: async () => this.provisioner,
      hostAccess: async () => this.hostAccess,
    };
    this.machines = new MachineService(this.deps);
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'tsmachine-unit-')));
  }

  get context(): MachineContext {
    const say = (message: string) => void this.said.push(message);
    const reporter: Reporter = { step: say, info: say, warn: say, debug: () => {} };
    return { signal: this.aborter.signal, reporter };
  }

  create(name: string, request: Partial<CreateMachineRequest> = {}) {
    return this.machines.create({ ...createRequest(name), ...request }, this.context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.storage, { recursive: true, force: true });
  }
}

/** Files, and nothing asked of a keyring. */
export function fileVault(storage: string): SecretVault {
  const file = new FileSecretStore({
    directory: secretsDirectory(storage),
    passphrase: async () => undefined,
  });
  return new SecretVault({ choice: 'file', keyring: async () => file, file: async () => file });
}

export function createRequest(name: string): CreateMachineRequest {
  return {
    name,
    driver: 'fake',
    driverOptions: { size: 'small' },
    engine: {
      port: 2376,
      labels: [],
      insecureRegistries: [],
      registryMirrors: [],
      tlsSans: ['extra.example'],
    },
  };
}

/** Real until somebody sleeps: then the time is over at once. */
export function fastClock(): Clock {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      skipped += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
