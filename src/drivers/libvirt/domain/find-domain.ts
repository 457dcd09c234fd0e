import { domainGone } from '../errors.js';
import type { Connection, Domain } from '../native/libvirt.js';
import { type ObservedState, observeState } from './state.js';

/** Throws DOMAIN_NOT_FOUND. */
export async function findDomain(connection: Connection, name: string, signal: AbortSignal): Promise<Domain> {
  const domain = await connection.findDomain({ name }, { signal });
  if (!domain) throw domainGone(name, connection.uri);
  return domain;
}

export async function stateOf(domain: Domain, signal: AbortSignal): Promise<ObservedState> {
  const status = await domain.status({ signal });
  const saved = status.state === 'shutoff' && (await hasSavedMemory(domain, signal));
  return observeState(status, saved);
}

/** Not every hypervisor can save memory. */
async function hasSavedMemory(domain: Domain, signal: AbortSignal): Promise<boolean> {
  return domain.hasManagedSave({ signal }).catch(() => {
    signal.throwIfAborted();
    return false;
  });
}
