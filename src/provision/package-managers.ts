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
  install: (packages) =>
    sh`export DEBIAN_FRONTEND=noninteractive; apt-get -qq -o DPkg::Lock::Timeout=${lockTimeout} update && apt-get -qq -y -o DPkg::Lock::Timeout=${lockTimeout} -o Dpkg::Use-Pty=0 --no-install-recommends install ${packages}`,
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
