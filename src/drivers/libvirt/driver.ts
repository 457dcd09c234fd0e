import { access } from 'node:fs/promises';
import type { JsonObject } from '../../shared/json.js';
import type { SshEndpoint } from '../../ssh/transport.js';
import type {
  ChangedHost,
  CreateContext,
  Driver,
  HostChange,
  InstanceStatus,
  OperationContext,
  OwnedResource,
  SnapshotControl,
} from '../driver.js';
import { accelOf, architectureOf, checkFirmware, makeDomain, plan, readUserData } from './create-domain.js';
import { fromDockerMachine } from './docker-machine.js';
import { editDomainXml } from './domain/edit-xml.js';
import { findDomain, stateOf } from './domain/find-domain.js';
import { fileUnreadable } from './errors.js';
import { isUrl } from './image/fetch-image.js';
import { imageFormat } from './image/format.js';
import type { LibvirtInstance } from './instance.js';
import { type MachineSpec, parseLibvirtOptions } from './machine-spec.js';
import type { Domain, OpenConnection } from './native/libvirt.js';
import { checkNetwork, ensureNetwork, findAddress } from './network.js';
import type { LibvirtOptions } from './options.js';
import { findOwned, removeDomain, removeOwned, removeVolumes } from './owned.js';
import { checkPool, poolName } from './pool.js';
import { defaultShutdownMs, kill, powerOff, powerOn, resume, suspend } from './power.js';
import { contentType } from './seed/cloud-init.js';
import { createSnapshot, listSnapshots, removeSnapshot, revertSnapshot } from './snapshots.js';
import { startNewDomain, withAddress } from './start-domain.js';

/** How many times as long an emulated processor takes. */
const emulationFactor = 8;
const cleanUpMs = 120_000;

/** A virtual machine of QEMU/KVM, managed by the libvirt of this or another host. */
export class LibvirtDriver implements Driver<LibvirtOptions, LibvirtInstance> {
  readonly #open: OpenConnection;
  readonly #shutdownMs: number;
  readonly snapshots: SnapshotControl<LibvirtInstance>;

  /** A guest that is asked to shut down is switched off after `shutdownMs`. */
  constructor(open: OpenConnection, shutdownMs: number = defaultShutdownMs) {
    this.#open = open;
    this.#shutdownMs = shutdownMs;
    const use = <T>(
      instance: LibvirtInstance,
      context: OperationContext,
      work: (domain: Domain) => Promise<T>,
    ) => this.#withDomain(instance, context, work);
    this.snapshots = {
      list: (instance, context) => use(instance, context, (domain) => listSnapshots(domain, context.signal)),
      create: (instance, name, context) =>
        use(instance, context, (domain) => createSnapshot(domain, name, context.signal)),
      revert: (instance, name, context) =>
        use(instance, context, (domain) => revertSnapshot(domain, name, context.signal)),
      remove: (instance, name, context) =>
        use(instance, context, (domain) => removeSnapshot(domain, name, context.signal)),
    };
  }

  async preCreateCheck(options: LibvirtOptions, context: OperationContext): Promise<void> {
    const spec = parseLibvirtOptions(options);
    await checkFiles(spec);
    await using connection = await this.#open(spec.uri, context);
    const architecture = await architectureOf(connection, context.signal);
    const type = await accelOf(connection, spec, architecture, context);
    if (spec.uefi) await checkFirmware(connection, type, architecture, context.signal);
    await checkPool(connection, await poolName(connection, spec.pool, context.signal), context.signal);
    await checkNetwork(connection, spec.network, context.signal);
  }

  async create(options: LibvirtOptions, context: CreateContext<LibvirtInstance>): Promise<LibvirtInstance> {
    const given = parseLibvirtOptions(options);
    await using connection = await this.#open(given.uri, context);
    const spec = { ...given, pool: await poolName(connection, given.pool, context.signal) };
    const planned = await plan(connection, spec, context);
    await context.checkpoint(planned.instance);
    try {
      const made = await makeDomain(connection, spec, planned, context);
      await context.checkpoint(made);
      context.reporter.step('Booting');
      return await startNewDomain(connection, made, this.patience(made), context);
    } catch (error) {
      await this.#removeAll(planned.instance, AbortSignal.timeout(cleanUpMs)).catch((failure) => {
        context.reporter.debug(`not all was removed: ${failure}`); // the record still knows it
      });
      throw error;
    }
  }

  async inspect(instance: LibvirtInstance, { signal }: OperationContext): Promise<InstanceStatus> {
    await using connection = await this.#open(instance.uri, { signal });
    const domain = await connection.findDomain({ name: instance.domain }, { signal });
    if (!domain)
      return { state: 'error', problem: `domain "${instance.domain}" is gone from "${instance.uri}"` };
    const seen = await stateOf(domain, signal);
    if (seen.state !== 'running') return seen;
    const address = await findAddress(connection, instance.network, domain, signal);
    // A machine without an address is not of use yet: its boot goes on.
    return address === undefined ? { state: 'starting' } : { state: 'running', address };
  }

  async start(instance: LibvirtInstance, context: OperationContext): Promise<LibvirtInstance> {
    await using connection = await this.#open(instance.uri, context);
    const domain = await findDomain(connection, instance.domain, context.signal);
    await ensureNetwork(connection, instance.network, context.signal);
    await powerOn(domain, { ...context, patience: this.patience(instance) });
    return await withAddress(connection, instance, domain, this.patience(instance), context);
  }

  async stop(instance: LibvirtInstance, context: OperationContext): Promise<LibvirtInstance> {
    const limits = { patience: instance.emulated ? 2 : 1, shutdownMs: this.#shutdownMs };
    await this.#withDomain(instance, context, (domain) => powerOff(domain, { ...context, ...limits }));
    return instance;
  }

  async kill(instance: LibvirtInstance, context: OperationContext): Promise<LibvirtInstance> {
    await this.#withDomain(instance, context, (domain) => kill(domain, context.signal));
    return instance;
  }

  async suspend(instance: LibvirtInstance, context: OperationContext): Promise<LibvirtInstance> {
    await this.#withDomain(instance, context, (domain) => suspend(domain, context.signal));
    return instance;
  }

  async resume(instance: LibvirtInstance, context: OperationContext): Promise<LibvirtInstance> {
    await this.#withDomain(instance, context, (domain) => resume(domain, context.signal));
    return instance;
  }

  async change(
    instance: LibvirtInstance,
    change: HostChange,
    context: OperationContext,
  ): Promise<ChangedHost<LibvirtInstance>> {
    const { signal } = context;
    const tags = mergedTags(instance.tags, change.tags);
    const changed: LibvirtInstance = {
      ...instance,
      memoryMiB: change.memoryMiB ?? instance.memoryMiB,
      cpus: change.cpus ?? instance.cpus,
      tags,
    };
    await using connection = await this.#open(instance.uri, { signal });
    const domain = await findDomain(connection, instance.domain, signal);
    const before = await domain.xml({ inactive: true, secure: true }, { signal });
    const edit = { memoryMiB: changed.memoryMiB, cpus: changed.cpus, tags };
    await connection.defineDomain(editDomainXml(before, edit, instance.ownerTag), { signal });
    if (!(await domain.isActive({ signal }))) return { instance: changed, needsRestart: [] };
    const sizes = ['memoryMiB', 'cpus'] as const;
    return { instance: changed, needsRestart: sizes.filter((size) => changed[size] !== instance[size]) };
  }

  async remove(instance: LibvirtInstance, { signal }: OperationContext): Promise<void> {
    await this.#removeAll(instance, signal);
  }

  async findOwned(
    options: LibvirtOptions,
    tagPrefix: string,
    { signal }: OperationContext,
  ): Promise<readonly OwnedResource[]> {
    const { uri, pool } = parseLibvirtOptions(options);
    await using connection = await this.#open(uri, { signal });
    return await findOwned(connection, await poolName(connection, pool, signal), tagPrefix, signal);
  }

  async removeOwned(
    options: LibvirtOptions,
    resource: OwnedResource,
    { signal }: OperationContext,
  ): Promise<void> {
    await using connection = await this.#open(parseLibvirtOptions(options).uri, { signal });
    await removeOwned(connection, resource, signal);
  }

  sshEndpoint(instance: LibvirtInstance): SshEndpoint {
    return {
      host: instance.address ?? '',
      port: instance.sshPort,
      user: instance.sshUser,
      identityFiles: instance.identityFile === undefined ? [] : [instance.identityFile],
    };
  }

  hostKey(instance: LibvirtInstance): string | undefined {
    return instance.hostKey;
  }

  fromDockerMachine(theirs: JsonObject, identityFile: string | undefined) {
    return fromDockerMachine(theirs, identityFile);
  }

  patience(instance: LibvirtInstance): number {
    return instance.emulated ? emulationFactor : 1;
  }

  async #withDomain<T>(
    instance: LibvirtInstance,
    { signal }: OperationContext,
    work: (domain: Domain) => Promise<T>,
  ): Promise<T> {
    await using connection = await this.#open(instance.uri, { signal });
    return await work(await findDomain(connection, instance.domain, signal));
  }

  /** By their names, whether they were made or not; succeeds when all is gone. */
  async #removeAll(instance: LibvirtInstance, signal: AbortSignal): Promise<void> {
    await using connection = await this.#open(instance.uri, { signal });
    await removeDomain(connection, instance.domain, signal);
    await removeVolumes(connection, instance.pool, instance.volumes, signal);
  }
}

/** Throws DRIVER_FILE_UNREADABLE, IMAGE_FORMAT_UNKNOWN, USER_DATA_UNKNOWN. */
async function checkFiles(spec: MachineSpec): Promise<void> {
  const { image, userData, directBoot } = spec;
  if (image !== undefined && !isUrl(image)) {
    await readable('libvirt-image', image);
    await imageFormat(image);
  }
  if (userData !== undefined) contentType(await readUserData(userData));
  if (directBoot) await readable('libvirt-kernel', directBoot.kernel);
  if (directBoot?.initrd !== undefined) await readable('libvirt-initrd', directBoot.initrd);
}

async function readable(flag: string, path: string): Promise<void> {
  await access(path).catch((cause) => {
    throw fileUnreadable(flag, path, cause);
  });
}

function mergedTags(
  tags: Readonly<Record<string, string>>,
  change: HostChange['tags'] = {},
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...tags, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
