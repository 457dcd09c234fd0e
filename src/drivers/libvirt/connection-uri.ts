import { accessSync, constants } from 'node:fs';

const systemSockets = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'];

/**
 * The given one, else what libvirt's own tools take: the system's for root and for whoever may use it (members of
 * group libvirt), the user's own session otherwise.
 */
export function connectionUri(given: string | undefined): string {
  if (given) return given;
  return process.getuid?.() === 0 || systemSockets.some(isWritable) ? 'qemu:///system' : 'qemu:///session';
}

/** Whether the hypervisor is on this machine, so that its loopback, files and processors are ours. */
export function isLocal(uri: string): boolean {
  const authority = /^[a-z]+(?:\+([a-z0-9]+))?:\/\/([^/?]*)/.exec(uri);
  if (!authority) return false;
  const [, transport, host] = authority;
  return host === '' && (transport === undefined || transport === 'unix');
}

export function isSession(uri: string): boolean {
  return /^[a-z+0-9]+:\/\/[^/]*\/session/.test(uri);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
