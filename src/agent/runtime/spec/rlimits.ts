import type { OciRlimit } from './oci.js';
import type { HostFacts, Ulimit } from './run-spec.js';
import { RLIM_INFINITY } from './serialise.js';

/** Docker's names → RLIMIT_* numbers of getrlimit(2) on x64 and arm64. */
export const rlimitNumbers: ReadonlyMap<string, number> = new Map([
  ['cpu', 0],
  ['fsize', 1],
  ['data', 2],
  ['stack', 3],
  ['core', 4],
  ['rss', 5],
  ['nproc', 6],
  ['nofile', 7],
  ['memlock', 8],
  ['as', 9],
  ['locks', 10],
  ['sigpending', 11],
  ['msgqueue', 12],
  ['nice', 13],
  ['rtprio', 14],
  ['rttime', 15],
]);

/** Raising a hard limit needs CAP_SYS_RESOURCE; without it a limit above ours is lowered to ours. */
export function clampRlimits(
  ulimits: readonly Ulimit[],
  host: HostFacts,
  warn: (text: string) => void,
): OciRlimit[] {
  const mayRaise = host.capabilities.has('CAP_SYS_RESOURCE');
  return ulimits.map(({ name, soft, hard }) => {
    const most = mayRaise
      ? Number.POSITIVE_INFINITY
      : (host.hardLimits.get(name) ?? Number.POSITIVE_INFINITY);
    if (amount(hard) > most || amount(soft) > most) {
      warn(`The host's hard limit of "${name}" is ${most}; the container's limit is lowered to it.`);
    }
    return {
      type: `RLIMIT_${name.toUpperCase()}`,
      soft: encoded(Math.min(amount(soft), most)),
      hard: encoded(Math.min(amount(hard), most)),
    };
  });
}

function amount(limit: number): number {
  return limit < 0 ? Number.POSITIVE_INFINITY : limit;
}

function encoded(limit: number): number {
  return limit === Number.POSITIVE_INFINITY ? RLIM_INFINITY : limit;
}
