import type { OsRelease } from './os-release.js';
import { apk, apt, dnf, type PackageManager, pacman, zypper } from './package-managers.js';

/** The programs the agent runs on its host. */
export const requiredCommands = ['crun', 'conmon', 'ip', 'nft'] as const;
export type RequiredCommand = (typeof requiredCommands)[number];

/** How a family of distributions installs what the agent needs. */
export interface Distribution {
  /** Values of os-release's ID or ID_LIKE. */
  readonly ids: readonly string[];
  readonly packages: PackageManager;
  /** Which package brings a command, where it is not called like the command. */
  readonly packageNames: Readonly<Partial<Record<RequiredCommand, string>>>;
}

const distributions: readonly Distribution[] = [
  { ids: ['debian', 'ubuntu'], packages: apt, packageNames: { ip: 'iproute2', nft: 'nftables' } },
  {
    ids: ['fedora', 'rhel', 'centos', 'amzn'],
    packages: dnf,
    packageNames: { ip: 'iproute', nft: 'nftables' },
  },
  { ids: ['suse', 'opensuse'], packages: zypper, packageNames: { ip: 'iproute2', nft: 'nftables' } },
  { ids: ['alpine'], packages: apk, packageNames: { ip: 'iproute2', nft: 'nftables' } },
  { ids: ['arch'], packages: pacman, packageNames: { ip: 'iproute2', nft: 'nftables' } },
];

/** By ID, then by ID_LIKE; undefined for a distribution that nobody here knows. */
export function findDistribution(os: OsRelease): Distribution | undefined {
  for (const id of [os.id, ...os.like]) {
    const found = distributions.find(({ ids }) => ids.includes(id));
    if (found) return found;
  }
  return undefined;
}

export function packagesFor(
  distribution: Distribution,
  commands: readonly RequiredCommand[],
): readonly string[] {
  return commands.map((command) => distribution.packageNames[command] ?? command);
}
