import type { AnyDriver, AnyDriverDefinition, OwnedResource, SecretReader } from '../drivers/driver.js';
import { errorMessage } from '../shared/errors.js';
import type { JsonObject } from '../shared/json.js';
import { loadDriver, type MachineContext, type MachineDependencies } from './dependencies.js';
import { driverFindsNothing, ownerUnknown } from './errors.js';
import { type GivenSecrets, secretsGiven, secretsOf } from './secrets/secret-readers.js';
import type { MachineRecord } from './store/record.js';
import { ownerTagPrefix } from './store/store-identity.js';

/** Where to look: a driver, and options that say which account, region, host. */
export interface SearchScope {
  readonly driver: string;
  readonly options: JsonObject;
  /** What the driver's secret options are there; of a machine, those that it was made with. */
  readonly secrets?: GivenSecrets | undefined;
  readonly machine?: MachineRecord | undefined;
}

export interface Orphan extends OwnedResource, SearchScope {}

export interface GarbageSearch {
  /** Drivers at their defaults, or the one that the user named. */
  readonly scopes: readonly SearchScope[];
  /** Look there only; otherwise also wherever the store's machines are. */
  readonly only: boolean;
}

export interface FoundGarbage {
  readonly orphans: readonly Orphan[];
  /** Names of machines whose record cannot be read: what belongs to them cannot be told from garbage. */
  readonly unreadable: readonly string[];
  /** Places of the store's machines that could not be searched, such as a cloud without credentials, and why. */
  readonly unsearched: readonly { readonly driver: string; readonly reason: string }[];
}

/** For a place that no machine of the store is in: a cloud may let a caller without credentials wait for minutes. */
const unusedMs = 5_000;

/**
 * What carries this store's owner tag and belongs to no machine in it. Changes nothing.
 * Throws DRIVER_FINDS_NOTHING for a named driver that makes nothing at a provider, and what a named driver throws.
 */
export async function findGarbage(
  deps: MachineDependencies,
  search: GarbageSearch,
  context: MachineContext,
): Promise<FoundGarbage> {
  const prefix = await ownerTagPrefix(deps.storage);
  if (prefix === undefined) return { orphans: [], unreadable: [], unsearched: [] };
  const used = search.only ? [] : await scopesOfMachines(deps);
  const found: Orphan[] = [];
  const unsearched: { driver: string; reason: string }[] = [];
  for (const scope of distinct([...search.scopes, ...used])) {
    const isUsed = used.includes(scope);
    try {
      const look = (within: MachineContext) => searchScope(deps, scope, prefix, search.only, within);
      found.push(...(await (isUsed || search.only ? look(context) : briefly(look, context))));
    } catch (error) {
      context.signal.throwIfAborted();
      if (search.only) throw error;
      const reason = errorMessage(error);
      if (isUsed) unsearched.push({ driver: scope.driver, reason });
      else context.reporter.debug(`driver ${scope.driver} was not searched where no machine is: ${reason}`);
    }
  }
  // Records are read after the search: a machine's record is there before anything of it is.
  const { machines, unreadable } = await readAll(deps);
  const known = new Set(machines.map(({ ownerTag }) => ownerTag));
  const orphans = found.filter(({ ownerTag }) => !known.has(ownerTag));
  return { orphans: distinctResources(orphans), unreadable, unsearched };
}

/** Throws OWNER_UNKNOWN when the store has a record that cannot be read, and what the driver throws. */
export async function removeOrphan(
  deps: MachineDependencies,
  orphan: Orphan,
  context: MachineContext,
): Promise<void> {
  const { machines, unreadable } = await readAll(deps);
  if (unreadable.length > 0) throw ownerUnknown(unreadable);
  if (machines.some(({ ownerTag }) => ownerTag === orphan.ownerTag)) return;
  const driver = await loadDriver(deps, orphan.driver, (definition) => secretsAt(deps, orphan, definition));
  context.reporter.step(`Removing ${orphan.kind} "${orphan.id}"`);
  const { kind, id, ownerTag } = orphan;
  await driver.removeOwned?.(orphan.options, { kind, id, ownerTag }, context);
}

/** Not every SDK minds the signal while it looks for credentials. */
async function briefly<T>(
  work: (context: MachineContext) => Promise<T>,
  context: MachineContext,
): Promise<T> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(unusedMs)]);
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return await Promise.race([work({ ...context, signal }), over]);
}

async function searchScope(
  deps: MachineDependencies,
  scope: SearchScope,
  prefix: string,
  isNamed: boolean,
  context: MachineContext,
): Promise<readonly Orphan[]> {
  const { driver: name, options } = scope;
  const driver: AnyDriver = await loadDriver(deps, name, (definition) => secretsAt(deps, scope, definition));
  if (!driver.findOwned) {
    if (isNamed) throw driverFindsNothing(name);
    return [];
  }
  const found = await driver.findOwned(options, prefix, context);
  return found.map((resource) => ({ ...resource, ...scope }));
}

function secretsAt(
  deps: MachineDependencies,
  { secrets = {}, machine }: SearchScope,
  definition: AnyDriverDefinition,
): SecretReader {
  return machine ? secretsOf(deps, machine, definition) : secretsGiven(deps, secrets, definition);
}

async function scopesOfMachines(deps: MachineDependencies): Promise<readonly SearchScope[]> {
  const { machines } = await readAll(deps);
  return machines.map((machine) => ({
    driver: machine.driver.name,
    options: machine.driver.options,
    machine,
  }));
}

async function readAll(
  deps: MachineDependencies,
): Promise<{ readonly machines: readonly MachineRecord[]; readonly unreadable: readonly string[] }> {
  const machines: MachineRecord[] = [];
  const unreadable: string[] = [];
  for (const name of await deps.store.list()) {
    const machine = await deps.store.load(name).catch(() => undefined);
    if (machine) machines.push(machine);
    else if (await deps.store.exists(name)) unreadable.push(name); // otherwise removed in between
  }
  return { machines, unreadable };
}

/** Of equal ones the last: a machine's rather than a default. */
function distinct(scopes: readonly SearchScope[]): readonly SearchScope[] {
  return [...new Map(scopes.map((scope) => [placeOf(scope), scope])).values()];
}

/** Machines with secrets of their own may be in accounts of their own. */
function placeOf({ driver, options, secrets, machine }: SearchScope): string {
  return JSON.stringify([driver, options, secrets, machine?.secrets]);
}

/** Two scopes may be the same place. */
function distinctResources(orphans: readonly Orphan[]): readonly Orphan[] {
  const keyed = orphans.map((orphan) => [`${orphan.driver} ${orphan.kind} ${orphan.id}`, orphan] as const);
  return [...new Map(keyed).values()];
}
