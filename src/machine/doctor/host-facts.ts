import { type Finding, failure, ok, type Verdict, warning } from './finding.js';

/** What `templates/doctor/host.sh` says: one `key=value` a line. */
export interface HostReport {
  readonly kernel: string;
  /** "cgroup2fs" or "tmpfs". */
  readonly cgroups: string;
  readonly programs: ReadonlySet<string>;
  /** Of the agent's directory. */
  readonly freeBytes: number;
  /** Seconds since the epoch. */
  readonly clock: number;
}

export function parseHostReport(text: string): HostReport {
  const pairs = text.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
  const last = (key: string) => pairs.findLast(([name]) => name === key)?.[1] ?? '';
  return {
    kernel: last('kernel'),
    cgroups: last('cgroups'),
    programs: new Set(pairs.filter(([name]) => name === 'program').map(([, value]) => value)),
    freeBytes: Number(last('free_kb')) * 1024,
    clock: Number(last('clock')),
  };
}

/** `now` in milliseconds. */
export function hostFindings(machine: string, report: HostReport, now: number): readonly Finding[] {
  const verdicts: Readonly<Record<string, Verdict>> = {
    kernel: kernel(report),
    'control groups': ok(report.cgroups === 'cgroup2fs' ? 'v2' : 'v1'),
    programs: programs(machine, report),
    'free space': freeSpace(report),
    clock: clock(report, now),
  };
  return Object.entries(verdicts).map(([check, verdict]) => ({ subject: machine, check, ...verdict }));
}

/** openat2(2), which copying to and from containers needs, is of 5.6; overlayfs in a usable form of 4.0. */
function kernel({ kernel }: HostReport): Verdict {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  const isAtLeast = (wantedMajor: number, wantedMinor: number) =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  if (isAtLeast(5, 6)) return ok(kernel);
  return warning(`${kernel} is older than 5.6`, '"docker cp" and "docker export" need a newer kernel');
}

function programs(machine: string, { programs }: HostReport): Verdict {
  const missing = [
    ...(programs.has('crun') || programs.has('runc') ? [] : ['crun']),
    ...['conmon', 'ip', 'nft'].filter((name) => !programs.has(name)),
  ];
  if (missing.length === 0) return ok([...programs].join(' '));
  return failure(`missing: ${missing.join(', ')}`, `run "tsmachine provision ${machine}"`);
}

function freeSpace({ freeBytes }: HostReport): Verdict {
  const detail = `${(freeBytes / 2 ** 30).toFixed(1)} GiB`;
  const hint = '"tsmachine image prune" and "docker system prune" free what is not used';
  if (freeBytes < 200 * 2 ** 20) return failure(detail, hint);
  return freeBytes < 2 * 2 ** 30 ? warning(detail, hint) : ok(detail);
}

/** A host that is behind does not accept certificates that were just made. */
function clock({ clock }: HostReport, now: number): Verdict {
  const seconds = Math.round(clock - now / 1000);
  const detail = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} this computer`;
  return Math.abs(seconds) > 60
    ? warning(detail, 'set the clock of the host, or of this computer')
    : ok('right');
}
