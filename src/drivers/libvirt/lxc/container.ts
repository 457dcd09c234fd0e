import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateContext, OwnedResource } from '../../driver.js';
import { makeKeys } from '../create-domain.js';
import { ownerOfDomain } from '../domain/edit-xml.js';
import { hostnameOf, type LibvirtInstance, resourceName } from '../instance.js';
import type { Connection } from '../native/libvirt.js';
import { ensureNetwork, planNetwork } from '../network.js';
import { removeDomain } from '../owned.js';
import { startNewDomain } from '../start-domain.js';
import { containerXml } from './domain-xml.js';
import type { ContainerSpec } from './options.js';
import { copyRootfs, writeSeed } from './root-file-system.js';

/** Not in the machine's own directory, whose name changes with the machine's. */
const directory = '/var/lib/tsmachine-lxc';

/** Whatever exists when it fails is in the last checkpoint. */
export async function createContainer(
  connection: Connection,
  spec: ContainerSpec,
  context: CreateContext<LibvirtInstance>,
): Promise<LibvirtInstance> {
  const { signal } = context;
  const { keys, identityFile } = await makeKeys(context.machineName, context.directory);
  const instance = await planContainer(spec, context, { identityFile, hostKey: keys.hostPublicKey });
  const root = join(instance.rootDirectory, 'root');
  await context.checkpoint(instance);
  await ensureNetwork(connection, instance.network, signal);
  context.reporter.step('Copying the root file system');
  await mkdir(directory, { recursive: true, mode: 0o711 });
  await mkdir(instance.rootDirectory, { mode: 0o711 });
  await copyRootfs(spec.rootfs, root, signal);
  await writeSeed(root, { hostname: hostnameOf(context.machineName), keys });
  const title = `tsmachine ${context.machineName}`;
  const definition = await containerXml(instance, { title, root, init: spec.init });
  const domain = await connection.defineDomain(definition, { signal });
  if (spec.autostart) await domain.setAutostart(true, { signal });
  context.reporter.step('Starting');
  return await startNewDomain(connection, instance, 1, context);
}

/** Succeeds when it is gone already. */
export async function removeContainer(
  connection: Connection,
  { domain, rootDirectory }: Pick<LibvirtInstance, 'domain' | 'rootDirectory'>,
  signal: AbortSignal,
): Promise<void> {
  await removeDomain(connection, domain, signal);
  if (rootDirectory !== undefined) await rm(rootDirectory, { recursive: true, force: true });
}

/** Domains by the tag in their metadata, root file systems by their name. */
export async function findOwnedContainers(
  connection: Connection,
  tagPrefix: string,
  signal: AbortSignal,
): Promise<readonly OwnedResource[]> {
  const prefix = resourceName(tagPrefix);
  const found: OwnedResource[] = [];
  for (const domain of await connection.domains({ signal })) {
    if (!domain.name.startsWith(prefix)) continue;
    const ownerTag = ownerOfDomain(await domain.xml({ inactive: true }, { signal }));
    if (ownerTag?.startsWith(tagPrefix)) found.push({ kind: 'domain', id: domain.name, ownerTag });
  }
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.startsWith(prefix)) found.push({ kind: 'root file system', id: name, ownerTag: name });
  }
  return found;
}

/** Succeeds when it is gone already. */
export async function removeOwnedContainer(
  connection: Connection,
  { id }: OwnedResource,
  signal: AbortSignal,
): Promise<void> {
  await removeContainer(connection, { domain: id, rootDirectory: rootDirectoryOf(id) }, signal);
}

function rootDirectoryOf(domain: string): string {
  return join(directory, domain);
}

async function planContainer(
  spec: ContainerSpec,
  context: CreateContext<LibvirtInstance>,
  identity: Pick<LibvirtInstance, 'identityFile' | 'hostKey'>,
): Promise<LibvirtInstance & { readonly rootDirectory: string }> {
  const domain = resourceName(context.ownerTag);
  const { network } = await planNetwork({ network: spec.network, sshPort: 22 });
  return {
    ...identity,
    uri: spec.uri,
    domain,
    ownerTag: context.ownerTag,
    uuid: randomUUID(),
    pool: '',
    volumes: [],
    network,
    sshUser: 'root',
    sshPort: 22,
    emulated: false,
    memoryMiB: spec.memoryMiB,
    cpus: spec.cpus,
    tags: {},
    rootDirectory: rootDirectoryOf(domain),
  };
}
