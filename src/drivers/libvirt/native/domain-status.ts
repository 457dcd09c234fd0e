import type { DomainState, DomainStatus } from './libvirt.js';

/** virDomainState, and for each the reasons of its own enumeration, by their numbers (libvirt-domain.h). */
const states: readonly (readonly [state: DomainState, reasons: readonly string[]])[] = [
  ['nostate', []],
  [
    'running',
    [
      ...['unknown', 'booted', 'migrated', 'restored', 'from snapshot', 'unpaused', 'migration canceled'],
      ...['save canceled', 'wakeup', 'crashed', 'post-copy', 'post-copy failed'],
    ],
  ],
  ['blocked', ['unknown']],
  [
    'paused',
    [
      ...['unknown', 'user', 'migrating', 'saving', 'dumping', 'I/O error', 'watchdog', 'from snapshot'],
      ...['shutting down', 'creating snapshot', 'crashed', 'starting up', 'post-copy', 'post-copy failed'],
      'API error',
    ],
  ],
  ['shutdown', ['unknown', 'user']],
  [
    'shutoff',
    [
      ...['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot'],
      'daemon',
    ],
  ],
  ['crashed', ['unknown', 'panicked']],
  ['pmsuspended', ['unknown', 'disk']],
];

/** The reason is in the words of `virsh domstate --reason`. */
export function statusOf(state: number, reason: number): DomainStatus {
  const [name, reasons] = states[state] ?? (['nostate', []] as const);
  return { state: name, reason: reasons[reason] ?? 'unknown' };
}
