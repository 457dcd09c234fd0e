import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { waitUntil } from '../../shared/wait-until.js';
import type { CreateContext, OperationContext } from '../driver.js';
import { type UserNetwork, userNetwork } from './domain/domain-xml.js';
import { findDomain, stateOf } from './domain/find-domain.js';
import { domainStopped, forwardedPortTaken } from './errors.js';
import type { LibvirtInstance } from './instance.js';
import type { Connection, Domain } from './native/libvirt.js';
import { findAddress, planUserNetwork } from './network.js';

/** For a guest to boot and ask for an address. */
const addressMs = 180_000;
const attempts = 5;
const startMs = 180_000;

/**
 * Starts a new domain and waits for its address. A forwarded port may be taken since it was chosen: then others are.
 * Throws FORWARDED_PORT_TAKEN, DOMAIN_STOPPED, WAIT_TIMEOUT.
 */
export async function startNewDomain(
  connection: Connection,
  instance: LibvirtInstance,
  patience: number,
  context: CreateContext<LibvirtInstance>,
): Promise<LibvirtInstance> {
  let current = instance;
  for (let attempt = 1; ; attempt += 1) {
    const domain = await findDomain(connection, current.domain, context.signal);
    try {
      await startDomain(domain, context.signal);
      return await withAddress(connection, current, domain, patience, context);
    } catch (error) {
      const { network } = current;
      if (!isPortTaken(error) || attempt >= attempts || network.kind !== 'user') throw error;
      current = await withOtherPorts(connection, { ...current, network }, domain, context);
    }
  }
}

/** Throws FORWARDED_PORT_TAKEN. */
export async function startDomain(domain: Domain, signal: AbortSignal): Promise<void> {
  await domain.create({ signal, timeoutMs: startMs }).catch((error) => {
    throw /host forwarding rule/i.test(errorMessage(error)) ? forwardedPortTaken(error) : error;
  });
}

/** The instance with the address that its domain has now, or will have soon. Throws DOMAIN_STOPPED, WAIT_TIMEOUT. */
export async function withAddress(
  connection: Connection,
  instance: LibvirtInstance,
  domain: Domain,
  patience: number,
  { signal }: OperationContext,
): Promise<LibvirtInstance> {
  const address = await waitUntil(
    async () => {
      const { state, problem } = await stateOf(domain, signal);
      if (state !== 'running') throw domainStopped(domain.name, problem ?? `it is ${state}`);
      return findAddress(connection, instance.network, domain, signal);
    },
    {
      what: `an address of "${domain.name}"`,
      timeoutMs: addressMs * patience,
      intervalMs: 500,
      signal,
    },
  );
  return { ...instance, address };
}

function isPortTaken(error: unknown): boolean {
  return isTsmachineError(error) && error.code === 'FORWARDED_PORT_TAKEN';
}

async function withOtherPorts(
  connection: Connection,
  instance: LibvirtInstance & { readonly network: UserNetwork },
  domain: Domain,
  context: CreateContext<LibvirtInstance>,
): Promise<LibvirtInstance> {
  const guestSshPort = instance.network.forwards[0]?.to ?? 22;
  const planned = await planUserNetwork(instance.network.mac, guestSshPort);
  const before = await domain.xml({ inactive: true }, { signal: context.signal });
  const after = before.replace(userNetwork(instance.network), userNetwork(planned.network));
  await connection.defineDomain(after, { signal: context.signal });
  const changed: LibvirtInstance = { ...instance, ...planned };
  await context.checkpoint(changed);
  return changed;
}
