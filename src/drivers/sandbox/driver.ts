import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { generateKeyPair } from '../../ssh/key-pair.js';
import type { SshEndpoint } from '../../ssh/transport.js';
import type {
  ChangedHost,
  CreateContext,
  Driver,
  HostChange,
  InstanceStatus,
  OperationContext,
  OwnedResource,
} from '../driver.js';
import { changeSandbox } from './change.js';
import { checkBase, checkStorage, checkTools, checkUser } from './host-check.js';
import { hostnameOf, newInstance, newSandboxId, type SandboxInstance, stateOf } from './instance.js';
import { parseSandboxOptions, type SandboxOptions } from './options.js';
import { powerOff, powerOn, removeSandbox } from './power.js';
import { runningInit } from './processes.js';
import { isReserved, ownedSandboxes, reserve } from './reservations.js';
import { type Keys, writeSeed } from './root-file-system.js';
import { defaultSite, type SandboxSite } from './site.js';

/**
 * A host made of namespaces on this machine: own network, processes, mounts, names and control groups, with sshd as
 * its way in. Root in it is root: it is a host to work on, not a wall against what runs there.
 */
export class SandboxDriver implements Driver<SandboxOptions, SandboxInstance> {
  readonly #site: SandboxSite;

  constructor(site: SandboxSite = defaultSite) {
    this.#site = site;
  }

  async preCreateCheck(options: SandboxOptions): Promise<void> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    const { base } = parseSandboxOptions(options);
    await checkTools(base);
    await checkBase(base);
    await checkStorage(this.#site);
  }

  async create(options: SandboxOptions, context: CreateContext<SandboxInstance>): Promise<SandboxInstance> {
    const spec = parseSandboxOptions(options);
    const { keys, identityFile } = await makeKeys(context.machineName, context.directory);
    const planned = newInstance(spec, {
      id: newSandboxId(context.machineName),
      hostname: hostnameOf(context.machineName),
      identityFile,
      hostKey: keys.hostPublicKey,
    });
    await context.checkpoint(planned);
    try {
      const address = await reserve(this.#site, planned.id, context.ownerTag, spec.subnet, context.signal);
      const instance = { ...planned, address };
      await context.checkpoint(instance);
      await writeSeed(stateOf(this.#site, instance.id), instance, keys);
      await powerOn(this.#site, instance, context.signal);
      return instance;
    } catch (error) {
      await removeSandbox(this.#site, planned.id);
      throw error;
    }
  }

  async inspect(instance: SandboxInstance): Promise<InstanceStatus> {
    if (process.getuid?.() !== 0) return { state: 'unknown' }; // its directory is root's
    if (await runningInit(stateOf(this.#site, instance.id))) {
      return { state: 'running', ...(instance.address !== undefined && { address: instance.address }) };
    }
    return { state: (await isReserved(this.#site, instance.id)) ? 'stopped' : 'error' };
  }

  async start(instance: SandboxInstance, context: OperationContext): Promise<SandboxInstance> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    await powerOn(this.#site, instance, context.signal);
    return instance;
  }

  async stop(instance: SandboxInstance, context: OperationContext): Promise<SandboxInstance> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    await powerOff(this.#site, instance.id, { gracefully: true, signal: context.signal });
    return instance;
  }

  async kill(instance: SandboxInstance, context: OperationContext): Promise<SandboxInstance> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    await powerOff(this.#site, instance.id, { gracefully: false, signal: context.signal });
    return instance;
  }

  async remove(instance: SandboxInstance): Promise<void> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    await removeSandbox(this.#site, instance.id);
  }

  async change(instance: SandboxInstance, change: HostChange): Promise<ChangedHost<SandboxInstance>> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    return { instance: await changeSandbox(this.#site, instance, change), needsRestart: [] };
  }

  async findOwned(_options: SandboxOptions, tagPrefix: string): Promise<readonly OwnedResource[]> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    const owned = await ownedSandboxes(this.#site, tagPrefix);
    return owned.map(({ id, ownerTag }) => ({ kind: 'sandbox', id, ownerTag }));
  }

  /** Its processes, interface, mounts, cgroups and files. */
  async removeOwned(_options: SandboxOptions, { id, ownerTag }: OwnedResource): Promise<void> {
    checkUser({ platform: process.platform, uid: process.getuid?.() });
    const owned = await ownedSandboxes(this.#site, ownerTag);
    if (owned.some((sandbox) => sandbox.id === id)) await removeSandbox(this.#site, id);
  }

  sshEndpoint(instance: SandboxInstance): SshEndpoint {
    return {
      host: instance.address ?? '',
      port: 22,
      user: 'root',
      identityFiles: [instance.identityFile],
    };
  }

  hostKey(instance: SandboxInstance): string {
    return instance.hostKey;
  }
}

/** Two pairs: for the user to log in with, kept with the machine, and for the host to be known by. */
async function makeKeys(name: string, directory: string): Promise<{ keys: Keys; identityFile: string }> {
  const [user, host] = await Promise.all([generateKeyPair(`tsmachine-${name}`), generateKeyPair(name)]);
  const identityFile = 'id_ed25519';
  await writeFileAtomically(join(directory, identityFile), user.privateKey, 0o600);
  await writeFileAtomically(join(directory, `${identityFile}.pub`), `${user.publicKey}\n`, 0o644);
  const keys = {
    authorizedKey: user.publicKey,
    hostPrivateKey: host.privateKey,
    hostPublicKey: host.publicKey.split(' ').slice(0, 2).join(' '),
  };
  return { keys, identityFile };
}
