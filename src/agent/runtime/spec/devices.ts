import type { OciDevice, OciDeviceRule } from './oci.js';
import type { HostFacts, RunDevice, RunSpec } from './run-spec.js';

/** Nodes beyond those that every runtime makes (null, zero, full, random, urandom, tty, ptmx). */
export function deviceNodes(run: RunSpec, host: HostFacts): OciDevice[] {
  const own = run.devices.map(({ access: _access, ...node }) => node);
  return run.privileged ? [...host.devices, ...own] : own;
}

/** Docker's default rules (moby oci/defaults.go), then the container's. */
export function deviceRules(run: RunSpec): OciDeviceRule[] {
  if (run.privileged) return [{ allow: true, access: 'rwm' }];
  return [...DEFAULT_RULES, ...run.devices.map(ruleFor), ...run.deviceRules];
}

const DEFAULT_RULES: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', major: 1, minor: 5, access: 'rwm' }, // zero
  { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }, // null
  { allow: true, type: 'c', major: 1, minor: 9, access: 'rwm' }, // urandom
  { allow: true, type: 'c', major: 1, minor: 8, access: 'rwm' }, // random
  { allow: true, type: 'c', major: 5, minor: 0, access: 'rwm' }, // tty
  { allow: true, type: 'c', major: 5, minor: 1, access: 'rwm' }, // console
  { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' }, // fuse
];

function ruleFor({ type, major, minor, access }: RunDevice): OciDeviceRule {
  return { allow: true, type: type === 'b' ? 'b' : 'c', major, minor, access };
}
