import type { AnyDriver } from '../../drivers/driver.js';
import type { JsonObject } from '../../shared/json.js';
import { waitUntil } from '../../shared/wait-until.js';
import { waitForConnection } from '../connection/connect.js';
import { loadDriver, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { enterEngine } from '../engine/enter-engine.js';
import { interrupted, withHints } from '../errors.js';
import { provisionOver } from '../provision-machine.js';
import { keepSecrets, withReferences } from '../secrets/machine-secrets.js';
import { type GivenSecrets, secretsGiven } from '../secrets/secret-readers.js';
import { machineExists } from '../store/errors.js';
import { assertMachineName } from '../store/names.js';
import { type EngineOptions, type MachineRecord, schemaVersion } from '../store/record.js';
import { newOwnerTag } from '../store/store-identity.js';
import { CreationJournal } from './creation-journal.js';
import { preCreateCheckFailed } from './errors.js';

export interface CreateMachineRequest {
  readonly name: string;
  /** Name or alias. */
  readonly driver: string;
  /** Parsed by the driver's own schema. */
  readonly driverOptions: JsonObject;
  /** For options of the driver that are marked `secret`. */
  readonly secrets?: GivenSecrets;
  readonly engine: EngineOptions;
}

/**
 * From nothing to an agent that answers. The record is written before the driver is called and after each of its
 * checkpoints, so that a failure or Ctrl-C leaves a machine that `rm` removes and `create --resume` finishes; where
 * nothing was made, nothing is left. Throws MACHINE_EXISTS, PRE_CREATE_CHECK_FAILED, INTERRUPTED, and what driver,
 * transport and provisioner throw.
 */
export async function createMachine(
  deps: MachineDependencies,
  request: CreateMachineRequest,
  context: MachineContext,
): Promise<MachineRecord> {
  assertMachineName(request.name);
  await using _lock = await deps.store.lock(request.name, context.signal);
  await assertNameIsFree(deps, request.name);
  const definition = await (await deps.drivers()).get(request.driver);
  const secrets = request.secrets ?? {};
  const driver = await loadDriver(deps, definition.name, () => secretsGiven(deps, secrets, definition));

  context.reporter.step('Running pre-create checks');
  await preCreateCheck(driver, request, context);
  const record = await newRecord(deps, request, definition.name);
  const referring = await withReferences(deps, record, Object.keys(secrets), context);
  return await makeMachine(deps, driver, referring, context, secrets);
}

/** The part behind the checks, with the machine's lock held; `record` has no instance yet. */
export async function makeMachine(
  deps: MachineDependencies,
  driver: AnyDriver,
  record: MachineRecord,
  context: MachineContext,
  secrets: GivenSecrets = {},
): Promise<MachineRecord> {
  const journal = new CreationJournal(deps, record);
  await explaining(journal, driver, context, async () => {
    await journal.begin();
    await keepSecrets(deps, record, secrets);
    context.reporter.step(`Creating machine "${record.name}"`);
    await createHost(deps, driver, journal, context);
    await connectAndProvision(deps, driver, journal, context);
  });
  return deps.store.load(record.name);
}

/** From a host that exists to an agent that answers, with the machine's lock held. */
export async function finishMachine(
  deps: MachineDependencies,
  driver: AnyDriver,
  record: MachineRecord,
  context: MachineContext,
): Promise<MachineRecord> {
  const journal = new CreationJournal(deps, record);
  await explaining(journal, driver, context, async () => {
    await waitUntilRunning(deps, driver, record, context);
    await connectAndProvision(deps, driver, journal, context);
  });
  return deps.store.load(record.name);
}

async function assertNameIsFree(deps: MachineDependencies, name: string): Promise<void> {
  if (!(await deps.store.exists(name))) return;
  const present = await deps.store.load(name).catch(() => undefined);
  throw machineExists(name, present?.phase ?? 'ready');
}

async function preCreateCheck(
  driver: AnyDriver,
  request: CreateMachineRequest,
  context: MachineContext,
): Promise<void> {
  try {
    await driver.preCreateCheck(request.driverOptions, context);
  } catch (error) {
    if (context.signal.aborted) throw interrupted(`the creation of "${request.name}"`, ['nothing was made']);
    throw preCreateCheckFailed(error);
  }
}

async function newRecord(
  deps: MachineDependencies,
  request: CreateMachineRequest,
  driver: string,
): Promise<MachineRecord> {
  return {
    schemaVersion,
    name: request.name,
    createdAt: new Date(deps.clock.now()).toISOString(),
    ownerTag: await newOwnerTag(deps.storage, request.name),
    phase: 'creating',
    driver: { name: driver, options: request.driverOptions },
    engine: request.engine,
  };
}

async function createHost(
  deps: MachineDependencies,
  driver: AnyDriver,
  journal: CreationJournal,
  context: MachineContext,
): Promise<void> {
  const { name, ownerTag, driver: chosen } = journal.machine;
  const instance = await driver.create(chosen.options, {
    ...context,
    machineName: name,
    directory: journal.directory,
    ownerTag,
    checkpoint: (made) => journal.checkpoint(made),
  });
  await journal.hostMade(instance);
  await waitUntilRunning(deps, driver, journal.machine, context);
}

async function waitUntilRunning(
  deps: MachineDependencies,
  driver: AnyDriver,
  { name, driver: { instance } }: MachineRecord,
  context: MachineContext,
): Promise<void> {
  if (driver.controlsPower === false || instance === undefined) return;
  await waitUntil(
    async () => ((await driver.inspect(instance, context)).state === 'running' ? true : undefined),
    { what: `"${name}" to run`, timeoutMs: 300_000, signal: context.signal, clock: deps.clock },
  );
}

async function connectAndProvision(
  deps: MachineDependencies,
  driver: AnyDriver,
  journal: CreationJournal,
  context: MachineContext,
): Promise<void> {
  const { instance } = journal.machine.driver;
  if (driver.engineUrl && instance) {
    await enterEngine(deps, journal.machine, driver.engineUrl(instance), context);
    return;
  }
  context.reporter.step('Waiting for SSH');
  const opened = await waitForConnection(deps, journal.machine, driver, context);
  await using _connection = opened.connection;
  await provisionOver(deps, opened, driver, context);
}

/** A failure says what was left, and what to do about it. */
async function explaining(
  journal: CreationJournal,
  driver: AnyDriver,
  context: MachineContext,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const kept = await journal.close(driver, error, context);
    throw explain(error, kept ? journal.machine : undefined, journal.machine.name, context.signal);
  }
}

/** `kept` is the record that was left, if any. */
function explain(
  error: unknown,
  kept: MachineRecord | undefined,
  name: string,
  signal: AbortSignal,
): unknown {
  const finish = kept?.phase === 'creating' ? `create --resume ${name}` : `provision ${name}`;
  const next = `run "tsmachine ${finish}" to finish, or "tsmachine rm ${name}" to remove what was made`;
  if (signal.aborted) return interrupted(`the creation of "${name}"`, [kept ? next : 'nothing was made']);
  return kept ? withHints(error, [next]) : error;
}
