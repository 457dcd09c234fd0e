import type { CreateContext, OperationContext, OwnedResource } from '../driver.js';
import { connectionUri } from './connection-uri.js';
import { LibvirtDriver } from './driver.js';
import { lxcNeedsRoot } from './errors.js';
import type { LibvirtInstance } from './instance.js';
import {
  createContainer,
  findOwnedContainers,
  removeContainer,
  removeOwnedContainer,
} from './lxc/container.js';
import { isLxc, parseContainerOptions, refuseContainerOptions } from './lxc/options.js';
import { checkRootfs } from './lxc/root-file-system.js';
import type { OpenConnection } from './native/libvirt.js';
import { checkNetwork } from './network.js';
import type { LibvirtOptions } from './options.js';

const cleanUpMs = 120_000;

/** Makes virtual machines, or containers where the URI is of libvirt's LXC driver. Once made, both are domains. */
export class UriDriver extends LibvirtDriver {
  readonly #open: OpenConnection;

  constructor(open: OpenConnection, shutdownMs?: number) {
    super(open, shutdownMs);
    this.#open = open;
  }

  override async preCreateCheck(options: LibvirtOptions, context: OperationContext): Promise<void> {
    if (!isLxc(connectionUri(options.uri))) {
      refuseContainerOptions(options);
      return await super.preCreateCheck(options, context);
    }
    const spec = parseContainerOptions(options);
    if (process.getuid?.() !== 0) throw lxcNeedsRoot();
    await checkRootfs(spec.rootfs, context.signal);
    await using connection = await this.#open(spec.uri, context);
    await checkNetwork(connection, spec.network, context.signal);
  }

  override async create(
    options: LibvirtOptions,
    context: CreateContext<LibvirtInstance>,
  ): Promise<LibvirtInstance> {
    if (!isLxc(connectionUri(options.uri))) return await super.create(options, context);
    const spec = parseContainerOptions(options);
    let planned: LibvirtInstance | undefined;
    const checkpoint = async (instance: LibvirtInstance) => {
      planned = instance;
      await context.checkpoint(instance);
    };
    await using connection = await this.#open(spec.uri, context);
    try {
      return await createContainer(connection, spec, { ...context, checkpoint });
    } catch (error) {
      if (planned) await this.remove(planned, { ...context, signal: AbortSignal.timeout(cleanUpMs) });
      throw error;
    }
  }

  override async remove(instance: LibvirtInstance, context: OperationContext): Promise<void> {
    if (instance.rootDirectory === undefined) return await super.remove(instance, context);
    await using connection = await this.#open(instance.uri, context);
    await removeContainer(connection, instance, context.signal);
  }

  override async findOwned(
    options: LibvirtOptions,
    tagPrefix: string,
    context: OperationContext,
  ): Promise<readonly OwnedResource[]> {
    const uri = connectionUri(options.uri);
    if (!isLxc(uri)) return await super.findOwned(options, tagPrefix, context);
    await using connection = await this.#open(uri, context);
    return await findOwnedContainers(connection, tagPrefix, context.signal);
  }

  override async removeOwned(
    options: LibvirtOptions,
    resource: OwnedResource,
    context: OperationContext,
  ): Promise<void> {
    const uri = connectionUri(options.uri);
    if (!isLxc(uri)) return await super.removeOwned(options, resource, context);
    await using connection = await this.#open(uri, context);
    await removeOwnedContainer(connection, resource, context.signal);
  }
}
