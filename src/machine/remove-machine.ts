import { rm } from 'node:fs/promises';
import { errorMessage, isTsmachineError } from '../shared/errors.js';
import { removeMade } from './create/remove-made.js';
import { driverOf, type MachineContext, type MachineDependencies } from './dependencies.js';
import { withHints } from './errors.js';
import { forgetSecrets } from './secrets/machine-secrets.js';
import { chosenMachine } from './store/access.js';
import { machineNotFound } from './store/errors.js';
import { activePath } from './store/storage.js';

/**
 * Removes the machine at its provider, then its record and directory. With `force` it goes on locally whatever
 * the provider says, and a machine that is not there counts as removed. Throws MACHINE_NOT_FOUND, and the driver's.
 */
export async function removeMachine(
  deps: MachineDependencies,
  name: string,
  options: { readonly force: boolean },
  context: MachineContext,
): Promise<void> {
  if (!(await deps.store.exists(name))) {
    if (!options.force) throw machineNotFound(name);
    context.reporter.warn(`Docker machine "${name}" does not exist`);
    return;
  }
  await using _lock = await deps.store.lock(name, context.signal);
  try {
    await removeAtProvider(deps, name, context);
  } catch (error) {
    if (!options.force || context.signal.aborted) throw withHints(error, forceHint(error, name));
    context.reporter.warn(`going on without the provider: ${errorMessage(error)}`);
  }
  const known = await deps.store.load(name).catch(() => undefined);
  if (known) await forgetSecrets(deps, known, context);
  const wasChosen = chosenMachine(deps.storage) === name;
  await deps.store.remove(name);
  if (wasChosen) await rm(activePath(deps.storage), { force: true });
}

async function removeAtProvider(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<void> {
  const machine = await deps.store.load(name);
  await removeMade(machine, await driverOf(deps, machine), context);
}

function forceHint(error: unknown, name: string): readonly string[] {
  const said = isTsmachineError(error) && error.hints.some((hint) => hint.includes('--force'));
  return said ? [] : [`run "tsmachine rm --force ${name}" to forget it whatever the provider says`];
}
