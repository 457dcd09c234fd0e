import type { Ulimit } from '../../api/client/builds.js';

/** What the Dockerfile front end is told besides the context; sizes are bytes. */
export interface FrontEndOptions {
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly target?: string | undefined;
  readonly platforms?: readonly string[];
  readonly noCache?: boolean;
  /** Stages that are built again. */
  readonly noCacheFilter?: readonly string[];
  readonly pull?: boolean;
  readonly networkMode?: string | undefined;
  /** "name:address". */
  readonly extraHosts?: readonly string[];
  readonly shmSize?: number | undefined;
  readonly ulimits?: readonly Ulimit[];
  readonly cgroupParent?: string | undefined;
  /** By type: "provenance", "sbom". */
  readonly attestations?: Readonly<Record<string, string>>;
}

/** As BuildKit's clients write it. */
export function frontEndAttributes(options: FrontEndOptions): Readonly<Record<string, string>> {
  const { target, platforms = [], noCache, noCacheFilter = [], shmSize, cgroupParent } = options;
  const hosts = (options.extraHosts ?? []).map(hostAttribute);
  const ulimits = (options.ulimits ?? []).map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`);
  const network = options.networkMode;
  return {
    ...prefixed('build-arg:', options.buildArgs),
    ...prefixed('label:', options.labels),
    ...prefixed('attest:', options.attestations),
    ...(target !== undefined && { target }),
    ...(platforms.length > 0 && { platform: platforms.join(',') }),
    ...(platforms.length > 1 && { 'multi-platform': 'true' }),
    ...(noCacheFilter.length > 0 && { 'no-cache': noCacheFilter.join(',') }),
    ...(noCache && { 'no-cache': '' }),
    ...(options.pull && { 'image-resolve-mode': 'pull' }),
    ...(network && network !== 'default' && { 'force-network-mode': network }),
    ...(hosts.length > 0 && { 'add-hosts': hosts.join(',') }),
    ...(shmSize !== undefined && { 'shm-size': String(shmSize) }),
    ...(ulimits.length > 0 && { ulimit: ulimits.join(',') }),
    ...(cgroupParent && { 'cgroup-parent': cgroupParent }),
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

function hostAttribute(host: string): string {
  const at = host.indexOf(':');
  return `${host.slice(0, at)}=${host.slice(at + 1)}`;
}
