import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { UndoStack } from '../../shared/undo-stack.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { machineExists } from '../store/errors.js';
import { assertMachineName } from '../store/names.js';
import type { MachineRecord } from '../store/record.js';
import { machineCertificatePaths } from '../store/storage.js';
import { readMachineFile } from './machine-file.js';

/**
 * Takes a machine from a file that `export` wrote, under its name or another one.
 * Throws MACHINE_FILE_INVALID, MACHINE_EXISTS, MACHINE_NAME_INVALID.
 */
export async function importMachineFile(
  deps: MachineDependencies,
  file: string,
  newName: string | undefined,
  context: MachineContext,
): Promise<MachineRecord> {
  const content = await readMachineFile(file);
  const record = { ...content.record, name: newName ?? content.record.name };
  return await addMachine(deps, record, context, async (directory) => {
    const paths = machineCertificatePaths(deps.storage, record.name);
    await writeFileAtomically(paths.ca, content.authority);
    await writeFileAtomically(paths.cert, content.clientCertificate);
    await writeFileAtomically(paths.key, content.clientKey);
    await writeFileAtomically(join(directory, 'id_ed25519'), content.sshKey);
  });
}

/** A machine that exists already, with the files that it needs; the record comes last. Throws MACHINE_EXISTS. */
export async function addMachine(
  deps: MachineDependencies,
  record: MachineRecord,
  context: MachineContext,
  writeFiles: (directory: string) => Promise<void>,
): Promise<MachineRecord> {
  const { name } = record;
  assertMachineName(name);
  await using _lock = await deps.store.lock(name, context.signal);
  if (await deps.store.exists(name)) throw machineExists(name, 'ready');
  await using undo = new UndoStack();
  const directory = deps.store.directory(name);
  undo.push(() => deps.store.remove(name));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFiles(directory);
  await deps.store.save(record);
  undo.commit();
  return record;
}
