import type { IdRange } from '../../userns/id-map.js';
import { containerCapabilities } from './capabilities.js';
import { deviceNodes, deviceRules } from './devices.js';
import { buildMounts } from './mounts.js';
import { buildNamespaces } from './namespaces.js';
import type { OciIdMapping, OciLinux, OciResources, OciSeccomp, OciSpec } from './oci.js';
import { maskedPaths, readonlyPaths } from './paths.js';
import { buildProcess } from './process.js';
import { buildResources } from './resources.js';
import type { HostFacts, RunSpec } from './run-spec.js';
import { defaultSeccomp } from './seccomp.js';
import { seccompFromDocker } from './seccomp-docker.js';
import { buildSysctls } from './sysctls.js';

export interface BuiltSpec {
  readonly spec: OciSpec;
  /** What this host cannot give and was left out, one sentence each. */
  readonly warnings: readonly string[];
}

/** Docker's container as an OCI bundle's config.json (moby daemon/oci_linux.go, oci/defaults.go). Pure. */
export function buildSpec(run: RunSpec, host: HostFacts): BuiltSpec {
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const capabilities = containerCapabilities(run, host, warn);
  const spec: OciSpec = {
    ociVersion: '1.0.2',
    process: buildProcess(run, host, capabilities, warn),
    root: { path: run.rootfs, readonly: run.readonlyRoot },
    ...(run.uts === 'private' && { hostname: run.hostname }),
    ...(run.uts === 'private' && run.domainname && { domainname: run.domainname }),
    mounts: buildMounts(run),
    ...(run.annotations && { annotations: run.annotations }),
    linux: buildLinux(run, host, capabilities, warn),
  };
  return { spec, warnings };
}

function buildLinux(
  run: RunSpec,
  host: HostFacts,
  capabilities: readonly string[],
  warn: (text: string) => void,
): OciLinux {
  const seccomp = seccompOf(run, host, capabilities);
  return {
    cgroupsPath: run.cgroupsPath,
    ...idMappings(run),
    namespaces: buildNamespaces(run),
    devices: deviceNodes(run, host),
    resources: { devices: deviceRules(run), ...withoutLifted(buildResources(run.resources, host, warn)) },
    ...(seccomp && { seccomp }),
    sysctl: buildSysctls(run),
    maskedPaths: maskedPaths(run),
    readonlyPaths: readonlyPaths(run),
    ...(run.rootfsPropagation && { rootfsPropagation: run.rootfsPropagation }),
  };
}

function idMappings({ userNamespace }: RunSpec): Pick<OciLinux, 'uidMappings' | 'gidMappings'> {
  if (!userNamespace) return {};
  const { uids, gids } = userNamespace.idMap;
  return { uidMappings: uids.map(idMapping), gidMappings: gids.map(idMapping) };
}

function idMapping({ container, host, size }: IdRange): OciIdMapping {
  return { containerID: container, hostID: host, size };
}

/** A new group has no quota that could be lifted, and crun writes −1 as a number that the kernel refuses. */
function withoutLifted({ cpu, ...others }: OciResources): OciResources {
  if (cpu?.quota === undefined || cpu.quota >= 0) return { ...others, ...(cpu && { cpu }) };
  const { quota: _, ...rest } = cpu;
  return { ...others, ...(Object.keys(rest).length > 0 && { cpu: rest }) };
}

/** A privileged container is unconfined; the engine has resolved that already, except for a profile of its own. */
function seccompOf(run: RunSpec, host: HostFacts, capabilities: readonly string[]): OciSeccomp | undefined {
  if (run.privileged || run.seccomp === 'unconfined') return undefined;
  if (run.seccomp === 'default') return defaultSeccomp(capabilities, host.architecture);
  return seccompFromDocker(run.seccomp, { ...host, capabilities: new Set(capabilities) });
}
