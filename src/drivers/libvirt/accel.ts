import { access, open, readFile } from 'node:fs/promises';
import type { OperationContext } from '../driver.js';
import { isLocal, isSession } from './connection-uri.js';
import { kvmUnusable } from './errors.js';
import type { AccelChoice } from './machine-spec.js';

/** As libvirt calls them: with the processor's help, or emulated by QEMU. */
export type DomainType = 'kvm' | 'qemu';

export interface AccelFacts {
  /** Why KVM is not to be had, or undefined. */
  readonly obstacle: string | undefined;
}

/** Throws KVM_UNUSABLE where KVM was demanded. */
export function chooseAccel(
  choice: AccelChoice,
  { obstacle }: AccelFacts,
  reporter: OperationContext['reporter'],
): DomainType {
  if (choice === 'tcg') return 'qemu';
  if (obstacle === undefined) return 'kvm';
  if (choice === 'kvm') throw kvmUnusable(obstacle);
  reporter.warn(`the machine will be emulated, which is slow: ${obstacle}`);
  return 'qemu';
}

/** What libvirt says, and on this machine what the kernel says: nested KVM can be announced and yet run nothing. */
export async function accelFacts(
  uri: string,
  libvirtOffersKvm: () => Promise<boolean>,
  host: LocalHost = localHost,
): Promise<AccelFacts> {
  if (isLocal(uri)) {
    const obstacle = await localObstacle(host, isSession(uri));
    if (obstacle !== undefined) return { obstacle };
  }
  return { obstacle: (await libvirtOffersKvm()) ? undefined : 'libvirt there does not offer KVM' };
}

export interface LocalHost {
  cpuinfo(): Promise<string>;
  /** Whether the file can be opened by us, or, if that is another user's business, is there. */
  hasDevice(path: string, openedByUs: boolean): Promise<boolean>;
  readonly architecture: string;
}

async function localObstacle(host: LocalHost, isOurs: boolean): Promise<string | undefined> {
  const openedByUs = isOurs || process.getuid?.() === 0;
  if (!(await host.hasDevice('/dev/kvm', openedByUs))) {
    return openedByUs ? '/dev/kvm cannot be opened' : '/dev/kvm is missing';
  }
  if (host.architecture !== 'x64') return undefined;
  const flags = /^flags\s*:(.*)$/m.exec(await host.cpuinfo())?.[1] ?? '';
  if (/\b(vmx|svm)\b/.test(flags)) return undefined;
  return 'the processor shows neither vmx nor svm';
}

const localHost: LocalHost = {
  cpuinfo: () => readFile('/proc/cpuinfo', 'utf8').catch(() => ''),
  async hasDevice(path, openedByUs) {
    try {
      if (openedByUs) await (await open(path, 'r+')).close();
      else await access(path);
      return true;
    } catch {
      return false;
    }
  },
  architecture: process.arch,
};
