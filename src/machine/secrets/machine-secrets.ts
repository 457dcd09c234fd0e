import type { AnyDriverDefinition } from '../../drivers/driver.js';
import { flagName } from '../../drivers/options.js';
import { errorMessage } from '../../shared/errors.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import type { MachineRecord } from '../store/record.js';
import { noSuchSecret } from './errors.js';
import type { GivenSecrets } from './secret-readers.js';

/**
 * The record with references to where these secrets will be kept. To be saved before `keepSecrets`: a secret that no
 * record names would stay for ever.
 */
export async function withReferences(
  deps: MachineDependencies,
  machine: MachineRecord,
  options: readonly string[],
  context: MachineContext,
): Promise<MachineRecord> {
  if (options.length === 0) return machine;
  const references = await Promise.all(
    options.map(async (option) => {
      const name = `${machine.ownerTag}/${encodeURIComponent(option)}`;
      return [option, machine.secrets?.[option] ?? (await deps.secrets.reserve(name, context.reporter))];
    }),
  );
  return { ...machine, secrets: { ...machine.secrets, ...Object.fromEntries(references) } };
}

/** Where the record says. */
export async function keepSecrets(
  deps: MachineDependencies,
  { secrets = {} }: MachineRecord,
  given: GivenSecrets,
): Promise<void> {
  for (const [option, value] of Object.entries(given)) {
    const reference = secrets[option];
    if (reference !== undefined) await deps.secrets.set(reference, value);
  }
}

/** Saves the record with what was given, then the secrets themselves. Returns the record. */
export async function addSecrets(
  deps: MachineDependencies,
  machine: MachineRecord,
  given: GivenSecrets,
  context: MachineContext,
): Promise<MachineRecord> {
  if (Object.keys(given).length === 0) return machine;
  const changed = await withReferences(deps, machine, Object.keys(given), context);
  await deps.store.save(changed);
  await keepSecrets(deps, changed, given);
  return changed;
}

/** A keyring that cannot be opened does not hold up the removal of its machine. */
export async function forgetSecrets(
  deps: MachineDependencies,
  { name, secrets = {} }: MachineRecord,
  context: MachineContext,
): Promise<void> {
  for (const reference of Object.values(secrets)) {
    await deps.secrets.delete(reference).catch((error) => {
      context.reporter.warn(`"${reference}" of machine "${name}" is still there: ${errorMessage(error)}`);
    });
  }
}

/**
 * Gives a machine another value for a secret option of its driver, named as in the contract or by its flag; undefined
 * forgets it. Throws NO_SUCH_SECRET, which names those there are.
 */
export async function setMachineSecret(
  deps: MachineDependencies,
  name: string,
  secret: string,
  value: string | undefined,
  context: MachineContext,
): Promise<void> {
  await using _lock = await deps.store.lock(name, context.signal);
  const machine = await deps.store.load(name);
  const definition = await (await deps.drivers()).get(machine.driver.name);
  const option = secretOption(definition, machine, secret);
  if (value !== undefined) {
    await addSecrets(deps, machine, { [option]: value }, context);
    return;
  }
  const { [option]: reference, ...rest } = machine.secrets ?? {};
  if (reference !== undefined) await deps.secrets.delete(reference);
  await deps.store.save({ ...machine, secrets: rest });
}

function secretOption(
  definition: AnyDriverDefinition,
  { secrets = {} }: MachineRecord,
  given: string,
): string {
  const named = given.replace(/^--/, '');
  const options = Object.entries(definition.options).filter(([, { secret }]) => secret);
  const found = options.find(
    ([key, { aliases }]) =>
      key === named || flagName(definition.name, key) === named || aliases?.includes(named),
  );
  if (found) return found[0];
  const known = [...new Set([...options.map(([key]) => key), ...Object.keys(secrets)])];
  if (known.includes(named)) return named;
  throw noSuchSecret(definition.name, given, known);
}
