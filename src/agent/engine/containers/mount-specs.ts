import { posix } from 'node:path';
import type { HostConfig, MountRequest } from '../../../api/container-config.js';
import type { Propagation } from '../../runtime/spec/run-spec.js';
import { invalidOption, unsupportedOption } from '../errors.js';
import { duplicateMount, invalidMount, invalidVolumeSpec } from '../mount-errors.js';

/** What `-v`, `--mount` and `VOLUME` ask for, parsed; nothing has been looked up or made. */
export type MountSpec =
  | {
      readonly type: 'bind';
      readonly source: string;
      readonly destination: string;
      readonly readonly: boolean;
      readonly mode: string;
      readonly propagation: Propagation;
      readonly recursive: boolean;
      /** Whether what is mounted below the source is read-only too. */
      readonly readonlyRecursion: 'where possible' | 'no' | 'required';
      /** `-v` makes a missing source, the mount API refuses it. */
      readonly createSource: boolean;
    }
  | VolumeMountSpec
  | {
      readonly type: 'tmpfs';
      readonly destination: string;
      readonly readonly: boolean;
      readonly options: string;
    };

export interface VolumeMountSpec {
  readonly type: 'volume';
  /** Undefined for an anonymous one. */
  readonly name: string | undefined;
  readonly destination: string;
  readonly readonly: boolean;
  readonly mode: string;
  readonly copyUp: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty for "local", or the one that the volume already has. */
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  /** Relative; undefined for all of the volume. */
  readonly subpath: string | undefined;
}

/**
 * All mounts of a container, in the order in which they are mounted: parents first. Binds and Mounts on one
 * destination are refused, an image's volume gives way to them. Throws MOUNT_INVALID, MOUNT_DUPLICATE.
 */
export function mountSpecs(hostConfig: HostConfig, volumes: readonly string[]): readonly MountSpec[] {
  const specs = new Map<string, MountSpec>();
  const driver = hostConfig.VolumeDriver ?? '';
  const tmpfs = new Set(Object.keys(hostConfig.Tmpfs ?? {}).map((path) => posix.normalize(path)));
  const asked = [
    ...(hostConfig.Binds ?? []).map((spec) => parseBind(spec, driver)),
    ...(hostConfig.Mounts ?? []).map(fromMountRequest),
  ];
  for (const spec of asked) {
    if (specs.has(spec.destination) || tmpfs.has(spec.destination)) throw duplicateMount(spec.destination);
    specs.set(spec.destination, spec);
  }
  for (const path of volumes) {
    const destination = checkedDestination(path, path);
    if (!specs.has(destination) && !tmpfs.has(destination)) {
      specs.set(destination, anonymous(destination, driver));
    }
  }
  return [...specs.values()].sort((a, b) => depth(a.destination) - depth(b.destination));
}

/** "HOST:CONTAINER[:OPTIONS]" or "NAME:CONTAINER[:OPTIONS]"; the driver is for a volume that is to be made. */
export function parseBind(spec: string, driver = ''): MountSpec {
  const [source = '', target = '', options = '', ...rest] = spec.split(':');
  if (source === '' || target === '' || rest.length > 0) throw invalidVolumeSpec(spec);
  const destination = checkedDestination(target, spec);
  const modes = options === '' ? [] : options.split(',');
  checkModes(modes, spec);
  const readonly = modes.includes('ro');
  const isNamed = !source.startsWith('/');
  if (isNamed && modes.some(isPropagation))
    throw invalidVolumeSpec(spec, foreignField('volume', 'BindOptions'));
  if (!isNamed && modes.includes('nocopy')) {
    throw invalidVolumeSpec(spec, foreignField('bind', 'VolumeOptions'));
  }
  if (isNamed) {
    return {
      type: 'volume',
      name: checkedVolumeName(source),
      destination,
      readonly,
      mode: options || 'z',
      copyUp: !modes.includes('nocopy'),
      ...{ labels: {}, driver, options: {}, subpath: undefined },
    };
  }
  return {
    type: 'bind',
    source: posix.normalize(source).replace(/(.)\/$/, '$1'),
    destination,
    readonly,
    mode: options,
    propagation: modes.find(isPropagation) ?? 'rprivate',
    recursive: true,
    readonlyRecursion: 'where possible',
    createSource: true,
  };
}

function foreignField(type: string, field: string): string {
  return `invalid mount config for type "${type}": field ${field} must not be specified`;
}

function fromMountRequest(mount: MountRequest): MountSpec {
  const { Type = '', Target = '', Source = '', ReadOnly = false } = mount;
  if (Target === '') throw invalidMount(Type, 'field Target must not be empty');
  if (!Target.startsWith('/')) {
    throw invalidMount(Type, `invalid mount path: '${Target}' mount path must be absolute`);
  }
  const destination = posix.normalize(Target).replace(/(.)\/$/, '$1');
  if (destination === '/') throw invalidMount(Type, "invalid specification: destination can't be '/'");
  const common = { destination, readonly: ReadOnly };
  switch (Type) {
    case 'bind':
      return { ...bindRequest(mount), ...common };
    case 'volume':
      return { ...volumeRequest(mount), ...common };
    case 'tmpfs':
      if (Source !== '') throw invalidMount('tmpfs', 'field Source must not be specified');
      return { type: 'tmpfs', options: tmpfsOptions(mount), ...common };
    case 'image':
    case 'cluster':
    case 'npipe':
      throw unsupportedOption(`mount type "${Type}"`);
    default:
      throw invalidOption(`mount type unknown: "${Type}"`);
  }
}

function bindRequest({ Source = '', ReadOnly, BindOptions, VolumeOptions, TmpfsOptions }: MountRequest) {
  if (Source === '') throw invalidMount('bind', 'field Source must not be empty');
  if (!Source.startsWith('/')) {
    throw invalidMount('bind', `invalid mount path: '${Source}' mount path must be absolute`);
  }
  if (VolumeOptions) throw invalidMount('bind', 'field VolumeOptions must not be specified');
  if (TmpfsOptions) throw invalidMount('bind', 'field TmpfsOptions must not be specified');
  const propagation = BindOptions?.Propagation || 'rprivate';
  if (!isPropagation(propagation)) throw invalidMount('bind', `invalid propagation mode: ${propagation}`);
  return {
    type: 'bind' as const,
    source: posix.normalize(Source),
    mode: '',
    propagation,
    recursive: !BindOptions?.NonRecursive,
    readonlyRecursion: readonlyRecursion(ReadOnly ?? false, BindOptions),
    createSource: BindOptions?.CreateMountpoint ?? false,
  };
}

/** moby, daemon/oci_linux.go. */
function readonlyRecursion(
  isReadonly: boolean,
  { ReadOnlyNonRecursive, ReadOnlyForceRecursive }: NonNullable<MountRequest['BindOptions']> = {},
): 'where possible' | 'no' | 'required' {
  if (!ReadOnlyNonRecursive && !ReadOnlyForceRecursive) return 'where possible';
  const option = ReadOnlyNonRecursive ? 'ReadOnlyNonRecursive' : 'ReadOnlyForceRecursive';
  if (!isReadonly) throw invalidMount('bind', `options conflict: Writable && ${option}`);
  if (ReadOnlyNonRecursive && ReadOnlyForceRecursive) {
    throw invalidMount('bind', 'options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive');
  }
  return ReadOnlyNonRecursive ? 'no' : 'required';
}

function volumeRequest({ Source = '', VolumeOptions, BindOptions, TmpfsOptions }: MountRequest) {
  if (BindOptions) throw invalidMount('volume', 'field BindOptions must not be specified');
  if (TmpfsOptions) throw invalidMount('volume', 'field TmpfsOptions must not be specified');
  const subpath = VolumeOptions?.Subpath || undefined;
  if (subpath !== undefined && !isLocalPath(subpath)) {
    throw invalidMount('volume', 'subpath must be a relative path within the volume');
  }
  if (subpath !== undefined && Source === '') {
    throw invalidMount('volume', 'must not set Subpath when using anonymous volumes');
  }
  const { Name = '', Options = {} } = VolumeOptions?.DriverConfig ?? {};
  return {
    type: 'volume' as const,
    name: Source === '' ? undefined : checkedVolumeName(Source),
    mode: 'z',
    copyUp: !VolumeOptions?.NoCopy && subpath === undefined,
    labels: VolumeOptions?.Labels ?? {},
    ...{ driver: Name, options: Options, subpath },
  };
}

/** Go's filepath.IsLocal: within, whatever is there. */
function isLocalPath(path: string): boolean {
  return !path.startsWith('/') && !/^\.\.(\/|$)/.test(posix.normalize(path));
}

function tmpfsOptions({ TmpfsOptions, BindOptions, VolumeOptions }: MountRequest): string {
  if (BindOptions) throw invalidMount('tmpfs', 'field BindOptions must not be specified');
  if (VolumeOptions) throw invalidMount('tmpfs', 'field VolumeOptions must not be specified');
  const { SizeBytes = 0, Mode = 0, Options = [] } = TmpfsOptions ?? {};
  return [
    ...(SizeBytes > 0 ? [`size=${SizeBytes}`] : []),
    ...(Mode > 0 ? [`mode=${Mode.toString(8)}`] : []),
    ...Options.map((pair) => pair.join('=')),
  ].join(',');
}

function anonymous(destination: string, driver: string): MountSpec {
  return {
    type: 'volume',
    name: undefined,
    destination,
    readonly: false,
    mode: '',
    copyUp: true,
    ...{ labels: {}, driver, options: {}, subpath: undefined },
  };
}

function checkedDestination(path: string, spec: string): string {
  if (!path.startsWith('/')) {
    throw invalidVolumeSpec(
      spec,
      `invalid mount config for type "bind": invalid mount path: '${path}' mount path must be absolute`,
    );
  }
  const destination = posix.normalize(path).replace(/(.)\/$/, '$1');
  if (destination === '/') {
    throw invalidVolumeSpec(spec, "invalid specification: destination can't be '/'");
  }
  return destination;
}

/** Throws OPTION_INVALID in the words of moby's volume/local. */
export function checkedVolumeName(name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return name;
  throw invalidOption(
    name.length === 1
      ? 'volume name is too short, names should be at least two alphanumeric characters'
      : `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}

function checkModes(modes: readonly string[], spec: string): void {
  for (const mode of modes) {
    if (!knownModes.has(mode) && !isPropagation(mode)) {
      throw invalidVolumeSpec(spec, `invalid mode: ${modes.join(',')}`);
    }
  }
  if (modes.includes('ro') && modes.includes('rw')) {
    throw invalidVolumeSpec(spec, `invalid mode: ${modes.join(',')}`);
  }
}

const knownModes = new Set(['ro', 'rw', 'z', 'Z', 'nocopy', 'consistent', 'cached', 'delegated', 'default']);

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;

function isPropagation(mode: string): mode is Propagation {
  return (propagations as readonly string[]).includes(mode);
}

function depth(path: string): number {
  return path.split('/').length;
}
