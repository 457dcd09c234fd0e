import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { silentReporter } from '../../shared/reporter.js';
import { generateKeyPair } from '../../ssh/key-pair.js';
import type { CreateContext, OperationContext } from '../driver.js';
import { accelFacts, chooseAccel, type DomainType } from './accel.js';
import { type DomainDisk, domainXml } from './domain/domain-xml.js';
import { type VolumeDefinition, volumeXml } from './domain/volume-xml.js';
import { fileUnreadable, firmwareMissing, hypervisorUnfit } from './errors.js';
import { assertSpace, chunks, ensureBaseVolume } from './image/base-volume.js';
import { imageCache } from './image/cache.js';
import { fetchImage } from './image/fetch-image.js';
import { type ImageFormat, imageFormat } from './image/format.js';
import { hostnameOf, type LibvirtInstance, resourceName, type VolumeNames, volumeNames } from './instance.js';
import type { MachineSpec } from './machine-spec.js';
import { isLibvirtError, VIR_ERR } from './native/errors.js';
import type { Connection, StoragePool, StorageVolume } from './native/libvirt.js';
import { ensureNetwork, planNetwork } from './network.js';
import { ensurePool } from './pool.js';
import { seedImage } from './seed/cloud-init.js';

const mebibyte = 2 ** 20;

/** Everything that is known before anything is made. */
export interface Plan {
  readonly instance: LibvirtInstance;
  readonly type: DomainType;
  readonly architecture: string;
  readonly names: VolumeNames;
  readonly keys: Keys;
}

export interface Keys {
  readonly authorizedKey: string;
  readonly hostPrivateKey: string;
  readonly hostPublicKey: string;
}

export async function plan(
  connection: Connection,
  spec: MachineSpec,
  context: CreateContext<LibvirtInstance>,
): Promise<Plan> {
  const architecture = await architectureOf(connection, context.signal);
  // The check before has warned of emulation.
  const type = await accelOf(connection, spec, architecture, { ...context, reporter: silentReporter });
  const domain = resourceName(context.ownerTag);
  const names = volumeNames(domain, spec.extraDisks.length);
  const { network, sshPort, enginePort } = await planNetwork(spec);
  const { keys, identityFile } = await makeKeys(context.machineName, context.directory);
  const instance: LibvirtInstance = {
    uri: spec.uri,
    domain,
    ownerTag: context.ownerTag,
    uuid: randomUUID(),
    pool: spec.pool,
    volumes: [names.disk, names.seed, ...names.extra],
    network,
    sshUser: spec.sshUser,
    sshPort,
    identityFile,
    hostKey: keys.hostPublicKey,
    emulated: type === 'qemu',
    memoryMiB: spec.memoryMiB,
    cpus: spec.cpus,
    tags: {},
    ...(enginePort !== undefined && { enginePort }),
  };
  return { instance, type, architecture, names, keys };
}

/** Makes volumes and domain, and records in between what was learnt; the domain is defined, not started. */
export async function makeDomain(
  connection: Connection,
  spec: MachineSpec,
  planned: Plan,
  context: CreateContext<LibvirtInstance>,
): Promise<LibvirtInstance> {
  const { signal } = context;
  const pool = await ensurePool(connection, spec.pool, signal);
  const image = await bringImage(connection, pool, spec, planned.architecture, context);
  const instance = { ...planned.instance, baseVolume: image.base.name };
  await context.checkpoint(instance);
  context.reporter.step('Making the disks');
  const disks = await makeDisks(pool, spec, planned, image, context);
  const directBoot = await bringKernel(pool, spec, context);
  await ensureNetwork(connection, instance.network, signal);
  const domain = await connection.defineDomain(
    await domainXml({
      type: planned.type,
      name: instance.domain,
      uuid: instance.uuid,
      title: `tsmachine ${context.machineName}`,
      ownerTag: context.ownerTag,
      tags: instance.tags,
      architecture: planned.architecture,
      memoryMiB: spec.memoryMiB,
      cpus: spec.cpus,
      cpuMode: spec.cpuMode ?? (planned.type === 'kvm' ? 'host-passthrough' : 'maximum'),
      uefi: spec.uefi,
      disks,
      network: instance.network,
      ...(directBoot && { directBoot }),
      ...(spec.cacheMode !== undefined && { cacheMode: spec.cacheMode }),
      ...(spec.ioMode !== undefined && { ioMode: spec.ioMode }),
    }),
    { signal },
  );
  if (spec.autostart) await domain.setAutostart(true, { signal });
  return instance;
}

export async function architectureOf(connection: Connection, signal: AbortSignal): Promise<string> {
  const text = await connection.capabilities({ signal });
  const found = /<host>[\s\S]*?<cpu>[\s\S]*?<arch>([^<]+)<\/arch>/.exec(text)?.[1];
  if (found === undefined) throw hypervisorUnfit(connection.uri, 'does not tell its architecture');
  return found;
}

/** Whether domains of this type can be made there. */
async function offers(
  connection: Connection,
  virtType: string,
  arch: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await connection.domainCapabilities({ virtType, arch }, { signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!isLibvirtError(error, VIR_ERR.INVALID_ARG, VIR_ERR.CONFIG_UNSUPPORTED)) throw error;
    return false;
  }
}

export async function accelOf(
  connection: Connection,
  spec: MachineSpec,
  architecture: string,
  { signal, reporter }: OperationContext,
): Promise<DomainType> {
  const facts = await accelFacts(spec.uri, () => offers(connection, 'kvm', architecture, signal));
  const type = chooseAccel(spec.accel, facts, reporter);
  if (type === 'kvm' || (await offers(connection, 'qemu', architecture, signal))) return type;
  throw hypervisorUnfit(connection.uri, `cannot make machines of architecture "${architecture}"`);
}

/** Throws FIRMWARE_MISSING: libvirt itself says so only when the domain is started. */
export async function checkFirmware(
  connection: Connection,
  virtType: DomainType,
  arch: string,
  signal: AbortSignal,
): Promise<void> {
  const text = await connection.domainCapabilities({ virtType, arch }, { signal });
  const firmware = /<enum name=['"]firmware['"]>([\s\S]*?)<\/enum>/.exec(text)?.[1] ?? '';
  if (!firmware.includes('<value>efi</value>')) throw firmwareMissing(connection.uri);
}

interface Image extends ImageFormat {
  readonly base: StorageVolume;
}

async function bringImage(
  connection: Connection,
  pool: StoragePool,
  spec: MachineSpec,
  architecture: string,
  context: OperationContext,
): Promise<Image> {
  const name = spec.image ?? defaultImage(architecture, connection.uri);
  const file = await fetchImage(name, spec.checksum, imageCache(), context);
  const format = await imageFormat(file.path, name);
  return { ...format, base: await ensureBaseVolume(pool, 'image', { ...file, ...format }, context) };
}

const debianArchitectures = new Map([
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
  ['ppc64le', 'ppc64el'],
]);

/** Debian's image for clouds: small, with cloud-init, and with packages of all that the agent needs. */
export function defaultImage(architecture: string, uri: string): string {
  const debian = debianArchitectures.get(architecture);
  if (debian === undefined)
    throw hypervisorUnfit(uri, `has architecture "${architecture}": give --libvirt-image`);
  return `https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-${debian}.qcow2`;
}

async function makeDisks(
  pool: StoragePool,
  spec: MachineSpec,
  { instance, names, keys }: Plan,
  image: Image,
  context: CreateContext<LibvirtInstance>,
): Promise<readonly DomainDisk[]> {
  const { signal } = context;
  await assertSpace(pool, 64 * mebibyte, signal);
  const capacity = Math.max(spec.diskBytes, image.virtualSize);
  const backing = { path: image.base.path, format: image.format };
  const make = (volume: VolumeDefinition) => pool.createVolume(volumeXml(volume), { signal });
  const disk = await make({ name: names.disk, format: 'qcow2', capacity, backing });
  const seed = await seedImage({
    instanceId: instance.uuid,
    hostname: hostnameOf(context.machineName),
    user: spec.sshUser,
    ...keys,
    userData: spec.userData === undefined ? undefined : await readUserData(spec.userData),
  });
  const seedVolume = await make({ name: names.seed, format: 'raw', capacity: seed.length });
  await seedVolume.upload(chunks([seed]), { offset: 0, length: seed.length }, { signal });
  const disks: DomainDisk[] = [
    { path: disk.path, format: 'qcow2' },
    { path: seedVolume.path, format: 'raw', readOnly: true },
  ];
  for (const [index, name] of names.extra.entries()) {
    const extra = await make({ name, format: 'qcow2', capacity: spec.extraDisks[index] ?? 0 });
    disks.push({ path: extra.path, format: 'qcow2' });
  }
  return disks;
}

async function bringKernel(pool: StoragePool, { directBoot }: MachineSpec, context: OperationContext) {
  if (!directBoot) return undefined;
  const bring = async (kind: 'kernel' | 'initrd', path: string) => {
    const file = await fetchImage(path, undefined, imageCache(), context);
    return (await ensureBaseVolume(pool, kind, { ...file, format: 'raw' }, context)).path;
  };
  return {
    kernel: await bring('kernel', directBoot.kernel),
    args: directBoot.args,
    ...(directBoot.initrd !== undefined && { initrd: await bring('initrd', directBoot.initrd) }),
  };
}

/** Throws DRIVER_FILE_UNREADABLE. */
export async function readUserData(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw fileUnreadable('libvirt-user-data', path, cause);
  });
}

/** Two pairs: for the user to log in with, kept with the machine, and for the host to be known by. */
export async function makeKeys(
  name: string,
  directory: string,
): Promise<{ keys: Keys; identityFile: string }> {
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
