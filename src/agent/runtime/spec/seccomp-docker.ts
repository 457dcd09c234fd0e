import { type DecodedBy, integer, list, object, text } from '../../../api/decode.js';
import type { OciSeccomp } from './oci.js';

const condition = object({ caps: list(text), arches: list(text), minKernel: text });

/** Docker's format of a profile: OCI's with rules that hold for some capabilities, architectures and kernels. */
const profile = object({
  defaultAction: text,
  defaultErrnoRet: integer,
  architectures: list(text),
  archMap: list(object({ architecture: text, subArchitectures: list(text) })),
  syscalls: list(
    object({
      name: text,
      names: list(text),
      action: text,
      errnoRet: integer,
      args: list(object({ index: integer, value: integer, valueTwo: integer, op: text })),
      includes: condition,
      excludes: condition,
    }),
  ),
});

export type SeccompProfile = DecodedBy<typeof profile>;
type Rule = NonNullable<SeccompProfile['syscalls']>[number];
type Condition = DecodedBy<typeof condition>;

export interface SeccompHost {
  /** One of process.arch. */
  readonly architecture: string;
  readonly kernelRelease: string;
  /** The container's. */
  readonly capabilities: ReadonlySet<string>;
}

/** Throws what the decoder throws, and a TypeError for what is no profile. */
export function parseSeccompProfile(json: string): SeccompProfile {
  const parsed = profile(JSON.parse(json), 'seccomp profile');
  if (!parsed?.defaultAction) throw new TypeError('the profile has no defaultAction');
  if (parsed.architectures?.length && parsed.archMap?.length) {
    throw new TypeError(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either",
    );
  }
  for (const { name, names } of parsed.syscalls ?? []) {
    if (name && names?.length) {
      throw new TypeError("both 'name' and 'names' are specified in the seccomp profile, use either");
    }
  }
  return parsed;
}

/** The rules that hold on this host for this container. */
export function seccompFromDocker(profile: SeccompProfile, host: SeccompHost): OciSeccomp {
  return {
    defaultAction: profile.defaultAction ?? 'SCMP_ACT_ERRNO',
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: architectures(profile, host),
    syscalls: (profile.syscalls ?? []).filter((rule) => holds(rule, host)).map(toOci),
  };
}

function architectures({ architectures, archMap }: SeccompProfile, host: SeccompHost): readonly string[] {
  if (architectures?.length) return architectures;
  const native = nativeArchitecture[host.architecture];
  const entry = archMap?.find(({ architecture }) => architecture === native);
  return entry ? [entry.architecture ?? '', ...(entry.subArchitectures ?? [])] : [];
}

const nativeArchitecture: Readonly<Record<string, string>> = {
  x64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
};

const goArchitecture: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Every condition that a rule includes, and none that it excludes. */
function holds({ includes = {}, excludes = {} }: Rule, host: SeccompHost): boolean {
  const arch = goArchitecture[host.architecture] ?? host.architecture;
  const { caps = [], arches = [], minKernel } = includes;
  return (
    (arches.length === 0 || arches.includes(arch)) &&
    caps.every((name) => host.capabilities.has(name)) &&
    (!minKernel || isAtLeast(host.kernelRelease, minKernel)) &&
    !isExcluded(excludes, arch, host)
  );
}

function isExcluded(
  { caps = [], arches = [], minKernel }: Condition,
  arch: string,
  host: SeccompHost,
): boolean {
  return (
    arches.includes(arch) ||
    caps.some((name) => host.capabilities.has(name)) ||
    (minKernel !== undefined && minKernel !== '' && isAtLeast(host.kernelRelease, minKernel))
  );
}

function isAtLeast(release: string, minimum: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function toOci({ name, names, action, errnoRet, args }: Rule): OciSeccomp['syscalls'][number] {
  return {
    names: name ? [name] : (names ?? []),
    action: action ?? '',
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args?.length && {
      args: args.map(({ index = 0, value = 0, valueTwo, op = '' }) => ({
        index,
        value,
        ...(valueTwo !== undefined && { valueTwo }),
        op,
      })),
    }),
  };
}
