import { machineNameInvalid } from './errors.js';

/** docker-machine's rule, and no longer than a DNS label, since the name becomes the host's. */
export function isMachineName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9.-]{0,62}$/.test(name);
}

/** Throws MACHINE_NAME_INVALID. */
export function assertMachineName(name: string): void {
  if (!isMachineName(name)) throw machineNameInvalid(name);
}

/** "web2" before "web10", case ignored, as docker-machine sorts its list. */
export function compareNames(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true, sensitivity: 'base' }) || (left < right ? -1 : 1);
}
