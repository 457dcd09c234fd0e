import { defaultAppArmorProfile } from '../apparmor.js';
import { processCapabilities } from './capabilities.js';
import type { OciProcess } from './oci.js';
import { clampRlimits } from './rlimits.js';
import type { HostFacts, RunSpec } from './run-spec.js';

/** Where tini is bound, as with Docker. */
export const INIT_PATH = '/sbin/docker-init';

export function buildProcess(
  run: RunSpec,
  host: HostFacts,
  bounding: readonly string[],
  warn: (text: string) => void,
): OciProcess {
  const limits = run.userNamespace ? withoutResourceRights(host) : host;
  const oomScoreAdj = allowedOomScore(run.oomScoreAdj, limits, warn);
  return {
    terminal: run.terminal,
    ...(run.terminal && run.consoleSize && { consoleSize: run.consoleSize }),
    user: { uid: run.user.uid, gid: run.user.gid, additionalGids: run.user.additionalGids },
    args: run.init === undefined ? run.args : [INIT_PATH, '--', ...run.args],
    env: run.env,
    cwd: run.cwd,
    capabilities: processCapabilities(bounding, run.user.uid),
    rlimits: clampRlimits(run.ulimits, limits, warn),
    noNewPrivileges: run.noNewPrivileges,
    ...(host.appArmor && { apparmorProfile: appArmorProfileOf(run) }),
    ...(oomScoreAdj !== undefined && { oomScoreAdj }),
  };
}

/** A runtime sets limits as root of the container, whose rights over the host's resources are none. */
function withoutResourceRights(host: HostFacts): HostFacts {
  const capabilities = new Set(host.capabilities);
  capabilities.delete('CAP_SYS_RESOURCE');
  return { ...host, capabilities };
}

/** A privileged container is unconfined unless it names a profile. */
export function appArmorProfileOf({
  apparmor,
  privileged,
}: Pick<RunSpec, 'apparmor' | 'privileged'>): string {
  return apparmor ?? (privileged ? 'unconfined' : defaultAppArmorProfile);
}

/** Lowering the score below one's own needs CAP_SYS_RESOURCE (proc_pid_oom_score_adj(5)). */
export function allowedOomScore(
  score: number | undefined,
  host: HostFacts,
  warn: (text: string) => void,
): number | undefined {
  if (score === undefined || score >= 0 || host.capabilities.has('CAP_SYS_RESOURCE')) return score;
  warn(`The host does not allow an OOM score adjustment of ${score}; the container runs without it.`);
  return undefined;
}
