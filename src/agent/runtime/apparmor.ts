import { readFileSync } from 'node:fs';
import { runOrThrow } from '../kernel/spawn.js';

/** The profile of containers that choose none; Docker's name for it. */
export const defaultAppArmorProfile = 'docker-default';

export function hostHasAppArmor(): boolean {
  return readText('/sys/module/apparmor/parameters/enabled').startsWith('Y');
}

/** Loads the default profile unless a dockerd has loaded its own. Needs apparmor_parser of the distribution. */
export async function loadAppArmorProfile(): Promise<void> {
  const loaded = readText('/sys/kernel/security/apparmor/profiles');
  if (loaded.split('\n').some((line) => line.startsWith(`${defaultAppArmorProfile} `))) return;
  await runOrThrow(['apparmor_parser', '--replace', '--skip-cache'], {
    input: appArmorProfile(),
    timeoutMs: 30_000,
  });
}

/**
 * What Docker documents of its default ("AppArmor security profiles for Docker"): everything but mounts, and but
 * writing to what of /proc and /sys concerns the whole host.
 */
export function appArmorProfile(): string {
  return `include <tunables/global>

profile ${defaultAppArmorProfile} flags=(attach_disconnected,mediate_deleted) {
  include <abstractions/base>

  network,
  capability,
  file,
  umount,

  # The host's programs may signal the container, and its processes each other.
  signal (receive) peer=unconfined,
  signal (send,receive) peer=${defaultAppArmorProfile},
  ptrace (trace,read,tracedby,readby) peer=${defaultAppArmorProfile},

  deny mount,

  deny @{PROC}/* w,
  deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9]*}/** w,
  deny @{PROC}/sys/[^k]** w,
  deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
  deny @{PROC}/sysrq-trigger rwklx,
  deny @{PROC}/kcore rwklx,

  deny /sys/[^f]*/** wklx,
  deny /sys/f[^s]*/** wklx,
  deny /sys/fs/[^c]*/** wklx,
  deny /sys/fs/c[^g]*/** wklx,
  deny /sys/fs/cg[^r]*/** wklx,
  deny /sys/firmware/** rwklx,
  deny /sys/devices/virtual/powercap/** rwklx,
  deny /sys/kernel/security/** rwklx,
}
`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no AppArmor, or no securityfs
  }
}
