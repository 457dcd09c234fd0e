import { sep } from 'node:path';
import { writeFileAtomically } from '../shared/atomic-file.js';
import { errorMessage } from '../shared/errors.js';
import type { JsonObject, JsonValue } from '../shared/json.js';
import { isJsonObject } from '../shared/json.js';
import type { MachineContext, MachineDependencies } from './dependencies.js';
import { renameBreaksFiles } from './errors.js';
import { provisionMachine } from './provision-machine.js';
import { chosenMachine } from './store/access.js';
import { machineExists, machineNotFound } from './store/errors.js';
import { assertMachineName } from './store/names.js';
import type { MachineRecord } from './store/record.js';
import { activePath } from './store/storage.js';

/**
 * Record, directory and the choice of `use` take the new name; the host's own name, its owner tag and its address stay.
 * The certificate names the new one as soon as the host can be reached; until then both names of a crash in between
 * are understood. Throws MACHINE_NOT_FOUND, MACHINE_EXISTS, MACHINE_NAME_INVALID, MACHINE_BUSY, RENAME_BREAKS_FILES.
 */
export async function renameMachine(
  deps: MachineDependencies,
  oldName: string,
  newName: string,
  context: MachineContext,
): Promise<MachineRecord> {
  assertMachineName(newName);
  if (!(await deps.store.exists(oldName))) throw machineNotFound(oldName);
  const machine = await moveRecord(deps, oldName, newName, context);
  if (machine.phase === 'ready' && !machine.foreign) await sendCertificate(deps, newName, context);
  return machine;
}

async function moveRecord(
  deps: MachineDependencies,
  oldName: string,
  newName: string,
  context: MachineContext,
): Promise<MachineRecord> {
  // Always in the same order: two renames in opposite directions must not wait for each other.
  const [first, second] = [oldName, newName].sort();
  await using _first = await deps.store.lock(first ?? oldName, context.signal);
  await using _second = await deps.store.lock(second ?? newName, context.signal);
  if (await deps.store.exists(newName)) throw machineExists(newName, 'ready');
  const machine = await deps.store.load(oldName);
  const movable = withRelativeFiles(machine, deps.store.directory(oldName));
  const wasChosen = chosenMachine(deps.storage) === oldName;
  await deps.store.save({ ...movable, renamedTo: newName });
  await deps.store.rename(oldName, newName);
  const renamed: MachineRecord = { ...movable, name: newName };
  await deps.store.save(renamed);
  if (wasChosen) await writeFileAtomically(activePath(deps.storage), `${newName}\n`);
  return renamed;
}

/** Over the same path as any provisioning: the agent reads it without a restart. */
async function sendCertificate(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<void> {
  try {
    await provisionMachine(deps, name, context);
  } catch (error) {
    context.signal.throwIfAborted();
    context.reporter.warn(
      `the certificate on the host still has the old name (${errorMessage(error)}): run "tsmachine provision ${name}"`,
    );
  }
}

/** Key files are found relative to the machine's directory; anything else of a driver's there must not move. */
function withRelativeFiles(machine: MachineRecord, directory: string): MachineRecord {
  const { instance } = machine.driver;
  if (instance === undefined) return machine;
  const relative = (value: JsonValue | undefined, isKeyFile: boolean): JsonValue | undefined => {
    if (typeof value === 'string') {
      if (!value.includes(directory + sep)) return value;
      if (!isKeyFile || !value.startsWith(directory + sep)) throw renameBreaksFiles(machine.name, value);
      return value.slice(directory.length + 1);
    }
    if (Array.isArray(value)) return value.map((each: JsonValue) => relative(each, isKeyFile) ?? null);
    return isJsonObject(value) ? mapObject(value, relative) : value;
  };
  return { ...machine, driver: { ...machine.driver, instance: mapObject(instance, relative) } };
}

function mapObject(
  object: JsonObject,
  change: (value: JsonValue | undefined, isKeyFile: boolean) => JsonValue | undefined,
): JsonObject {
  const entries = Object.entries(object).map(([key, value]) => {
    return [key, change(value, key === 'identityFile' || key === 'identityFiles')] as const;
  });
  return Object.fromEntries(entries);
}
