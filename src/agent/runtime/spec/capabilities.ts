import { capabilityNames } from '../../kernel/capabilities.js';
import type { OciCapabilities } from './oci.js';
import type { HostFacts, RunSpec } from './run-spec.js';

/** Docker's, documented in "Runtime privilege and Linux capabilities". */
export const defaultCapabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
] as const;

/** The container's bounding set. A runtime that is asked for more than the host has fails at `create`. */
export function containerCapabilities(
  run: Pick<RunSpec, 'privileged' | 'capAdd' | 'capDrop'>,
  host: HostFacts,
  warn: (text: string) => void,
): readonly string[] {
  if (run.privileged) {
    // Everything the host has is what "privileged" means, so there is nothing to warn of.
    return capabilityNames.filter((name) => host.capabilities.has(name));
  }
  const wanted = wantedCapabilities(run.capAdd.map(fullName), run.capDrop.map(fullName));
  const missing = wanted.filter((name) => !host.capabilities.has(name));
  const named = new Set(run.capAdd.map(fullName));
  for (const name of missing) {
    if (named.has(name))
      warn(`The host does not have the capability ${name}; the container runs without it.`);
  }
  return wanted.filter((name) => host.capabilities.has(name));
}

/** A process that is not root holds none, but may gain those of the bounding set. None is inheritable. */
export function processCapabilities(bounding: readonly string[], uid: number): OciCapabilities {
  const held = uid === 0 ? bounding : [];
  return { bounding, effective: held, permitted: held, inheritable: [] };
}

/** "net_admin", "CAP_NET_ADMIN" → "CAP_NET_ADMIN"; "all" → "ALL". */
export function fullName(capability: string): string {
  const name = capability.toUpperCase();
  return name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`;
}

/** Whether Linux knows it, whatever this host has. */
export function isCapability(name: string): boolean {
  return (capabilityNames as readonly string[]).includes(name);
}

/** Docker's rules (moby oci/caps): "ALL" on one side leaves the other side as the exceptions; adding wins. */
function wantedCapabilities(add: readonly string[], drop: readonly string[]): string[] {
  if (add.includes('ALL')) return capabilityNames.filter((name) => !drop.includes(name));
  const base = drop.includes('ALL') ? [] : defaultCapabilities.filter((name) => !drop.includes(name));
  return [...new Set<string>([...base, ...add])];
}
