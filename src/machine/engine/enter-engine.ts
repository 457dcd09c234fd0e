import { access } from 'node:fs/promises';
import { errorMessage } from '../../shared/errors.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import type { MachineRecord } from '../store/record.js';
import { machineCertificatePaths } from '../store/storage.js';
import { endpointAt } from './engine-endpoint.js';

/**
 * Makes a machine of an engine that is there already, at "tcp://host:port". Its certificates are those that the driver
 * has put into the machine's directory, else the store's own. An engine that does not answer now is only warned of.
 */
export async function enterEngine(
  deps: MachineDependencies,
  machine: MachineRecord,
  url: string,
  context: MachineContext,
): Promise<void> {
  const { hostname, port } = new URL(url);
  const address = hostname.replace(/^\[|\]$/g, '');
  if (!(await hasCertificates(deps, machine.name))) {
    const material = await deps.certificates.ensure(context.signal);
    await deps.certificates.installInto(deps.store.directory(machine.name), material);
  }
  const entered: MachineRecord = {
    ...machine,
    phase: 'ready',
    foreign: 'docker',
    address,
    engine: { ...machine.engine, port: Number(port) },
  };
  await deps.store.save(entered);
  context.reporter.step('Asking the engine for its version');
  const endpoint = await endpointAt(deps, entered, address);
  await deps.engine.version(endpoint, { timeoutMs: 5_000, signal: context.signal }).catch((error) => {
    context.signal.throwIfAborted();
    context.reporter.warn(errorMessage(error));
  });
}

async function hasCertificates(deps: MachineDependencies, name: string): Promise<boolean> {
  return access(machineCertificatePaths(deps.storage, name).cert).then(
    () => true,
    () => false,
  );
}
