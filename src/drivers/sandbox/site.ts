/** The names that sandboxes have on this machine: everything that is shared by them, and where they are kept. */
export interface SandboxSite {
  /** One directory per sandbox. Must be on a file system that overlayfs accepts for its upper layer. */
  readonly stateDirectory: string;
  /** Held while addresses are given and what is shared is made or removed; not in `stateDirectory`, which goes. */
  readonly lockFile: string;
  readonly bridge: string;
  readonly subnet: string;
  /** Of family ip. */
  readonly nftTable: string;
  /** Of rules in the FORWARD chain of iptables. */
  readonly ruleComment: string;
  /** Parent of the sandboxes' cgroups in every hierarchy. */
  readonly cgroup: string;
}

export const defaultSite: SandboxSite = {
  stateDirectory: '/var/lib/tsmachine-sandboxes',
  lockFile: '/run/tsmachine-sandboxes.lock',
  bridge: 'tsm-sandbox',
  subnet: '10.213.0.0/24',
  nftTable: 'tsmachine_sandbox',
  ruleComment: 'tsmachine-sandbox',
  cgroup: 'tsmachine-sandbox',
};
