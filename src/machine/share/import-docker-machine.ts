import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyDriver } from '../../drivers/driver.js';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { errorMessage } from '../../shared/errors.js';
import type { JsonObject } from '../../shared/json.js';
import { loadDriver, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { isMachineName } from '../store/names.js';
import { type MachineRecord, schemaVersion } from '../store/record.js';
import { machineCertificatePaths } from '../store/storage.js';
import { newOwnerTag } from '../store/store-identity.js';
import { readDockerMachineStore, type TheirMachine } from './docker-machine-store.js';
import { importFailed } from './errors.js';
import { addMachine } from './import-machine.js';

/** What becomes of one machine of docker-machine's. */
export interface ImportRow {
  readonly name: string;
  /** docker-machine's name of it. */
  readonly driver: string;
  /** Our driver; absent when the machine cannot be imported. */
  readonly as?: string;
  /** Why it cannot, or what will be missing. */
  readonly note: string;
}

interface Candidate extends ImportRow {
  readonly theirs?: TheirMachine;
  readonly options?: JsonObject;
  readonly instance?: JsonObject;
  /** Of an engine that is known by nothing else. */
  readonly url?: string;
}

export interface ImportPlan {
  readonly rows: readonly Candidate[];
}

/** Reads the other store and says what can be taken from it. Changes nothing in either. */
export async function planDockerMachineImport(deps: MachineDependencies, root: string): Promise<ImportPlan> {
  const rows: Candidate[] = [];
  for (const machine of await readDockerMachineStore(root)) {
    if ('problem' in machine) rows.push({ name: machine.name, driver: 'unknown', note: machine.problem });
    else rows.push(await candidate(deps, machine));
  }
  return { rows };
}

/** Copies what the plan says; the other store stays as it is. Throws IMPORT_FAILED after all others are done. */
export async function importFromDockerMachine(
  deps: MachineDependencies,
  plan: ImportPlan,
  context: MachineContext,
): Promise<readonly string[]> {
  const imported: string[] = [];
  const failures: string[] = [];
  for (const row of plan.rows) {
    const { as, theirs, options, instance, url } = row;
    if (as === undefined || !theirs || !options || !instance) continue;
    try {
      context.reporter.step(`Importing "${row.name}"`);
      const record = await recordOf(deps, theirs, { name: as, options, instance }, url);
      await addMachine(deps, record, context, (directory) => copyFiles(deps, theirs, directory));
      imported.push(row.name);
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(`"${row.name}": ${errorMessage(error)}`);
    }
  }
  if (failures.length > 0) throw importFailed(failures);
  return imported;
}

async function candidate(deps: MachineDependencies, theirs: TheirMachine): Promise<Candidate> {
  const { name, driver, files } = theirs;
  const row = { name, driver };
  if (!isMachineName(name)) return { ...row, note: 'its name is not possible here' };
  if (await deps.store.exists(name)) return { ...row, note: 'there is a machine of this name already' };
  if (!files.ca || !files.cert || !files.key) return { ...row, note: 'its certificates are missing' };
  const found = await counterpart(deps, driver);
  if (!found) return { ...row, note: unsupportedNote(theirs) };
  try {
    const taken = found.driver.fromDockerMachine?.(theirs.settings, files.sshKey && keyName);
    if (!taken) return { ...row, note: unsupportedNote(theirs) };
    const url = found.driver.engineUrl?.(taken.instance);
    const { options, instance, note = found.note } = taken;
    return { ...row, as: found.name, note, theirs, options, instance, ...(url !== undefined && { url }) };
  } catch (error) {
    return { ...row, note: errorMessage(error) };
  }
}

const keyName = 'id_rsa';
/** docker-machine drivers whose machines are hosts over SSH, if nothing better is known of them. */
const hostsOverSsh = new Set(['kvm2']);

async function counterpart(
  deps: MachineDependencies,
  theirs: string,
): Promise<{ readonly name: string; readonly driver: AnyDriver; readonly note: string } | undefined> {
  const definition = await (await deps.drivers()).get(theirs).catch(() => undefined);
  const own = definition && (await definition.load());
  if (definition && own?.fromDockerMachine) return { name: definition.name, driver: own, note: '' };
  if (!hostsOverSsh.has(theirs)) return undefined;
  const note = `as a host over SSH: start, stop and removal stay with ${theirs}'s own tools`;
  return { name: 'ssh', driver: await loadDriver(deps, 'ssh'), note };
}

function unsupportedNote({ driver, settings, files }: TheirMachine): string {
  const address = settings['IPAddress'];
  const start = `there is no driver "${driver}" here`;
  if (typeof address !== 'string' || address === '') return start;
  const user = typeof settings['SSHUser'] === 'string' && settings['SSHUser'] ? settings['SSHUser'] : 'root';
  const key = files.sshKey ? ` --ssh-key ${files.sshKey}` : '';
  return `${start}: try "create --driver ssh --ssh-host ${address} --ssh-user ${user}${key}"`;
}

async function recordOf(
  deps: MachineDependencies,
  theirs: TheirMachine,
  driver: { readonly name: string; readonly options: JsonObject; readonly instance: JsonObject },
  url: string | undefined,
): Promise<MachineRecord> {
  const { name, labels, insecureRegistries, registryMirrors } = theirs;
  const { hostname, port } = new URL(url ?? 'tcp://');
  const enginePort = Number(port) || driver.instance['enginePort'];
  const address = hostname.replace(/^\[|\]$/g, '') || theirs.settings['IPAddress'];
  return {
    schemaVersion,
    name,
    createdAt: new Date(deps.clock.now()).toISOString(),
    ownerTag: await newOwnerTag(deps.storage, name),
    phase: 'ready',
    driver,
    engine: {
      port: typeof enginePort === 'number' ? enginePort : 2376,
      labels,
      insecureRegistries,
      registryMirrors,
      tlsSans: [],
    },
    foreign: 'docker',
    ...(typeof address === 'string' && address !== '' && { address }),
  };
}

async function copyFiles(
  deps: MachineDependencies,
  { name, files }: TheirMachine,
  directory: string,
): Promise<void> {
  const paths = machineCertificatePaths(deps.storage, name);
  const copies = [
    [files.ca, paths.ca],
    [files.cert, paths.cert],
    [files.key, paths.key],
    [files.sshKey, join(directory, keyName)],
  ] as const;
  for (const [from, to] of copies)
    if (from !== undefined) await writeFileAtomically(to, await readFile(from));
}
