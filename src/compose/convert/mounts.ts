import type { HostConfig, MountRequest } from '../../api/client/types.js';
import type { FileReference } from '../model/elements.js';
import type { Mount } from '../model/mounts-and-ports.js';
import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';

/** An anonymous volume of the container that is replaced, which its successor goes on using. */
export interface InheritedVolume {
  readonly name: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** What is mounted in a container of the service. Its secrets and configs are not: see `injectFiles`. */
export function mounts(
  project: Project,
  service: Service,
  inherited: readonly InheritedVolume[],
): Pick<HostConfig, 'Binds' | 'Mounts' | 'Tmpfs'> {
  const kept = new Set(inherited.map(({ target }) => target));
  const wanted = service.volumes.filter(({ target, source }) => source !== undefined || !kept.has(target));
  const Binds = wanted.filter(isPlainBind).map(bindText);
  const Mounts = [
    ...inherited.map(inheritedMount),
    ...wanted.filter((mount) => !isPlainBind(mount)).map((mount) => mountRequest(project, mount)),
  ];
  return {
    ...(Binds.length > 0 && { Binds }),
    ...(Mounts.length > 0 && { Mounts }),
    ...(service.tmpfs.length > 0 && { Tmpfs: tmpfs(service.tmpfs) }),
  };
}

/** Only the old form makes a directory on the host where nothing is; it says nothing of propagation and recursion. */
function isPlainBind({ type, bind }: Mount): boolean {
  if (type !== 'bind') return false;
  return !bind || (bind.createHostPath && !bind.propagation && !bind.recursive);
}

function bindText({ source, target, readOnly, bind }: Mount): string {
  const options = [readOnly ? 'ro' : 'rw', ...(bind?.selinux ? [bind.selinux] : [])];
  return `${source ?? ''}:${target}:${options.join(',')}`;
}

function inheritedMount({ name, target, readOnly }: InheritedVolume): MountRequest {
  return { Type: 'volume', Source: name, Target: target, ReadOnly: readOnly };
}

function mountRequest(project: Project, mount: Mount): MountRequest {
  const { type, source, target, readOnly, consistency } = mount;
  const volume = type === 'volume' && source !== undefined ? project.volumes[source] : undefined;
  return {
    Type: type,
    ...((volume ?? source) !== undefined && { Source: volume?.name ?? source ?? '' }),
    Target: target,
    ...(readOnly && { ReadOnly: true }),
    ...(consistency !== undefined && { Consistency: consistency }),
    ...bindOptions(mount),
    ...volumeOptions(mount),
    ...tmpfsOptions(mount),
  };
}

function bindOptions({ bind, type }: Mount): Pick<MountRequest, 'BindOptions'> {
  if (!bind || type !== 'bind') return {};
  const recursion: Readonly<Record<string, object>> = {
    disabled: { NonRecursive: true },
    writable: { ReadOnlyNonRecursive: true },
    readonly: { ReadOnlyForceRecursive: true },
  };
  return {
    BindOptions: {
      ...(bind.propagation && { Propagation: bind.propagation }),
      ...(bind.createHostPath && { CreateMountpoint: true }),
      ...recursion[bind.recursive ?? ''],
    },
  };
}

function volumeOptions({ volume, type }: Mount): Pick<MountRequest, 'VolumeOptions'> {
  if (!volume || type !== 'volume') return {};
  const { nocopy, subpath, labels } = volume;
  const hasLabels = Object.keys(labels).length > 0;
  return {
    VolumeOptions: {
      ...(nocopy && { NoCopy: true }),
      ...(subpath && { Subpath: subpath }),
      ...(hasLabels && { Labels: labels }),
    },
  };
}

function tmpfsOptions({ tmpfs: options, type }: Mount): Pick<MountRequest, 'TmpfsOptions'> {
  if (!options || type !== 'tmpfs') return {};
  const { size, mode } = options;
  return {
    TmpfsOptions: {
      ...(size !== undefined && { SizeBytes: size }),
      ...(mode !== undefined && { Mode: mode }),
    },
  };
}

function tmpfs(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf(':');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

/** Where a secret or config is in the container. */
export function fileTarget(reference: FileReference, directory: string): string {
  const target = reference.target ?? reference.source;
  return /^(\/|\\\\|[A-Za-z]:\\)/.test(target) ? target : `${directory}${target}`;
}

export const secretsDirectory = '/run/secrets/';
export const configsDirectory = '/';
