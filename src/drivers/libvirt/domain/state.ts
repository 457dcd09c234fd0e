import type { MachineState } from '../../driver.js';
import type { DomainStatus } from '../native/libvirt.js';

export interface ObservedState {
  readonly state: MachineState;
  /** Why it is an error, for people. */
  readonly problem?: string;
}

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainState; `saved`: its memory was saved to disk. */
export function observeState({ state, reason }: DomainStatus, saved: boolean): ObservedState {
  switch (state) {
    case 'running':
    case 'blocked':
      return { state: 'running' };
    case 'paused':
      return paused(reason);
    case 'shutdown':
      return { state: 'stopping' };
    case 'shutoff':
      return { state: saved ? 'saved' : 'stopped' };
    case 'crashed':
      return { state: 'error', problem: 'the guest has crashed' };
    case 'pmsuspended':
      return { state: 'saved' };
    default:
      return { state: 'unknown' };
  }
}

/** Pauses that nobody asked for, by the words of `virsh domstate --reason`. QEMU's internal errors come from libvirt without a reason of their own. */
const pauseProblems = new Map([
  [
    'unknown',
    'the hypervisor has paused the guest after an internal error, as happens where KVM does not fit the processor',
  ],
  ['I/O error', 'the guest is paused since its disk could not be written: the storage pool may be full'],
  ['watchdog', 'the guest’s watchdog has paused it'],
  ['crashed', 'the guest has crashed'],
]);

function paused(reason: string): ObservedState {
  if (reason === 'starting up') return { state: 'starting' };
  const problem = pauseProblems.get(reason);
  return problem === undefined ? { state: 'paused' } : { state: 'error', problem };
}
