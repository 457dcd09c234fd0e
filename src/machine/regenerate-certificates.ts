import type { MachineContext, MachineDependencies } from './dependencies.js';
import { provisionMachine } from './provision-machine.js';

/**
 * Gives the machine a new server certificate, though the old one may be valid. The agent takes it up without a
 * restart; connections and containers go on. Throws what `provisionMachine` throws.
 */
export async function regenerateCertificates(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<void> {
  await provisionMachine(deps, name, context, { renewCertificate: true });
}

/**
 * Makes the client pair anew, for all machines whose engine is ours: the CA stays, so that copies elsewhere go on
 * being accepted.
 */
export async function renewClientCertificate(
  deps: MachineDependencies,
  context: MachineContext,
): Promise<void> {
  const material = await deps.certificates.renewClient(context.signal);
  for (const name of await deps.store.list()) {
    const machine = await deps.store.load(name).catch(() => undefined);
    if (!machine || machine.foreign) continue; // damaged, or certificates of somebody else's authority
    await deps.certificates.installInto(deps.store.directory(name), material);
  }
}
