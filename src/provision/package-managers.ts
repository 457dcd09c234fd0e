import { type ShellCommand, sh } from '../ssh/command.js';

export interface PackageManager {
  readonly name: string;
  /** Refreshes the lists and installs, without questions; waits a while for another user of the database. */
  install(packages: readonly string[]): ShellCommand;
}

/** Seconds to wait for a lock that another package manager run holds. */
const lockTimeout = 120;

export const apt: PackageManager = {
  name: 'apt-get',
  // The lock of the lists is not covered by apt's own option. An installation that was cut short is completed
  // first. Output goes to a file, so that a broken connection does not break dpkg in the middle.
  install: (packages) => sh`export DEBIAN_FRONTEND=noninteractive
log=$(mktemp); trap 'rm -f "$log"' EXIT; n=0
until apt-get -qq update >"$log" 2>&1; do
  grep -q 'Could not get lock' "$log" && [ $n -lt ${lockTimeout} ] || { cat "$log" >&2; exit 100; }
  n=$((n + 1)); sleep 1
done
{ dpkg --configure -a; apt-get -qq -y -o DPkg::Lock::Timeout=${lockTimeout} -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold --no-install-recommends install ${packages}; } >"$log" 2>&1 </dev/null || { cat "$log" >&2; exit 100; }`,
};

export const dnf: PackageManager = {
  name: 'dnf',
  install: (packages) => sh`dnf -y -q --setopt=install_weak_deps=False install ${packages}`,
};

export const zypper: PackageManager = {
  name: 'zypper',
  install: (packages) =>
    sh`ZYPP_LOCK_TIMEOUT=${lockTimeout} zypper --non-interactive --quiet install --no-recommends ${packages}`,
};

export const apk: PackageManager = {
  name: 'apk',
  install: (packages) => sh`apk add --no-progress --wait ${lockTimeout} ${packages}`,
};

export const pacman: PackageManager = {
  name: 'pacman',
  install: (packages) => sh`pacman -Sy --noconfirm --needed ${packages}`,
};
