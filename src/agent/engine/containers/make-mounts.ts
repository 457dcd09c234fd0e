import { chown, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostConfig } from '../../../api/container-config.js';
import { isTsmachineError } from '../../../shared/errors.js';
import { randomId } from '../../../shared/identifiers.js';
import type { UndoStack } from '../../../shared/undo-stack.js';
import type { Owner } from '../../userns/id-map.js';
import type { Volume } from '../../volume/volume-store.js';
import { invalidOption } from '../errors.js';
import { bindSourceMissing, readonlyRecursionMissing, volumeNotPopulated } from '../mount-errors.js';
import type { ContainerContext } from './context.js';
import type { MountSpec, VolumeMountSpec } from './mount-specs.js';
import type { ContainerMount } from './record.js';
import { hasRecursiveReadonly } from './run-spec.js';

/** Of a mount whose volume has a name, if it has a volume. */
export type NamedMount = Exclude<MountSpec, VolumeMountSpec> | NamedVolume;

interface NamedVolume extends VolumeMountSpec {
  readonly name: string;
  readonly anonymous: boolean;
}

/** Makes up names for anonymous volumes, so that they can be written down before they are made. */
export function withVolumeNames(specs: readonly MountSpec[]): readonly NamedMount[] {
  return specs.map((spec) =>
    spec.type === 'volume'
      ? { ...spec, name: spec.name ?? randomId(), anonymous: spec.name === undefined }
      : spec,
  );
}

/** What a record says of volumes before they are made. */
export function volumesToBe(specs: readonly NamedMount[]): readonly ContainerMount[] {
  return specs.flatMap((spec) =>
    spec.type === 'volume' ? [{ ...volumeMount(spec), Source: '', Driver: spec.driver || 'local' }] : [],
  );
}

/**
 * Makes the volumes that a new container names and answers its mount points. An empty volume gets the image's
 * content. What was made is undone with `undo`. Throws BIND_SOURCE_MISSING.
 */
export async function makeMounts(
  context: ContainerContext,
  id: string,
  specs: readonly NamedMount[],
  undo: UndoStack,
): Promise<readonly ContainerMount[]> {
  const mounts: ContainerMount[] = [];
  for (const spec of specs) mounts.push(await makeMount(context, spec, undo));
  await copyUp(context, id, specs, mounts);
  return mounts;
}

/**
 * `--volumes-from`: the mounts of other containers, but for places that are taken by binds and mounts; those of a
 * `VOLUME` give way. An anonymous volume goes with its last container. Throws OPTION_INVALID.
 */
export function inheritedMounts(
  { store }: ContainerContext,
  { VolumesFrom }: HostConfig,
  taken: readonly MountSpec[],
): readonly ContainerMount[] {
  const places = new Set(taken.map(({ destination }) => destination));
  const inherited = (VolumesFrom ?? []).flatMap((entry) => {
    const [name = '', mode = 'rw'] = entry.split(':');
    const modes = mode.split(',');
    if (name === '' || modes.some((each) => !['ro', 'rw', 'z', 'Z'].includes(each))) {
      throw invalidOption(
        name === '' ? `malformed volumes-from specification: ${entry}` : `invalid mode: ${mode}`,
      );
    }
    const donor = store.find(name);
    if (!donor) throw invalidOption(`No such container: ${name}`);
    const mounts = donor.record.mounts.filter(({ Destination }) => !places.has(Destination));
    return mounts.map((mount) => ({ ...mount, RW: mount.RW && !modes.includes('ro') }));
  });
  // The last one that names a place has it.
  return [...new Map(inherited.map((mount) => [mount.Destination, mount])).values()];
}

async function makeMount(
  context: ContainerContext,
  spec: NamedMount,
  undo: UndoStack,
): Promise<ContainerMount> {
  const common = { Destination: spec.destination, RW: !spec.readonly };
  switch (spec.type) {
    case 'bind':
      if (!spec.createSource) await requireSource(spec.source);
      if (spec.readonlyRecursion === 'required' && !hasRecursiveReadonly(context.host)) {
        throw readonlyRecursionMissing();
      }
      return {
        Type: 'bind',
        Source: spec.source,
        ...common,
        Mode: spec.mode,
        Propagation: spec.propagation,
        recursive: spec.recursive,
        ...(spec.readonly && spec.readonlyRecursion === 'no' && { readonlyTopOnly: true }),
      };
    case 'tmpfs':
      return { Type: 'tmpfs', Source: '', ...common, Mode: '', Propagation: '', tmpfsOptions: spec.options };
    case 'volume': {
      const volume = await makeVolume(context, spec, undo);
      return {
        ...volumeMount(spec),
        Source: volume.path,
        Driver: volume.driver,
        ...(isReadonly(volume) && { readonlySource: true }),
        ...(spec.subpath !== undefined && { subpath: spec.subpath }),
      };
    }
  }
}

function volumeMount({ name, destination, readonly, mode, anonymous }: NamedVolume) {
  return {
    Type: 'volume' as const,
    Name: name,
    Destination: destination,
    RW: !readonly,
    Mode: mode,
    Propagation: '' as const,
    anonymous,
  };
}

/** The runtime would make it writable in the container again. */
function isReadonly({ driver, options }: Volume): boolean {
  return driver === 'local' && (options['o'] ?? '').split(',').includes('ro');
}

async function makeVolume(
  { volumes, events }: ContainerContext,
  { name, labels, driver, options, anonymous }: NamedVolume,
  undo: UndoStack,
) {
  const known = !anonymous && (await volumes.has(name));
  const volume = await volumes.create({ name, labels, driver, options, anonymous });
  if (known) return volume;
  undo.push(() => volumes.remove(volume.name));
  events.publish({
    type: 'volume',
    action: 'create',
    id: volume.name,
    attributes: { driver: volume.driver },
  });
  return volume;
}

async function copyUp(
  { layers, volumes }: ContainerContext,
  id: string,
  specs: readonly NamedMount[],
  mounts: readonly ContainerMount[],
): Promise<void> {
  const wanted = mounts.filter((_, index) => {
    const spec = specs[index];
    return spec?.type === 'volume' && spec.copyUp;
  });
  if (wanted.length === 0) return;
  const root = await layers.mount(id);
  try {
    for (const { Name = '', Destination } of wanted) {
      await volumes.copyUp(Name, root, Destination).catch((error) => {
        throw isTsmachineError(error) ? volumeNotPopulated(error) : error;
      });
    }
  } finally {
    await layers.unmount(id);
  }
}

async function requireSource(path: string): Promise<void> {
  await stat(path).catch(() => {
    throw bindSourceMissing(path);
  });
}

/** At each start: `-v` on a directory that is not there makes it, as dockerd does. */
export async function makeBindSources(mounts: readonly ContainerMount[], root: Owner): Promise<void> {
  for (const { Type, Source } of mounts) {
    if (Type === 'bind') await stat(Source).catch(() => makeDirectory(Source, root));
  }
}

async function makeDirectory(path: string, { uid, gid }: Owner): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  for (let made = path; first !== undefined && made.length >= first.length; made = dirname(made)) {
    await chown(made, uid, gid);
  }
}
