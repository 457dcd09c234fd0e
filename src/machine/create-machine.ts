import { mkdir } from 'node:fs/promises';
import type { AnyDriver } from '../drivers/driver.js';
import { isTsmachineError } from '../shared/errors.js';
import { randomId, shortId } from '../shared/identifiers.js';
import type { JsonObject } from '../shared/json.js';
import { waitUntil } from '../shared/wait-until.js';
import { waitForConnection } from './connect.js';
import { loadDriver, type MachineContext, type MachineDependencies } from './dependencies.js';
import { interrupted, machineExists, preCreateCheckFailed, withHints } from './errors.js';
import { assertMachineName } from './names.js';
import { provisionOver } from './provision-machine.js';
import { type EngineOptions, type MachineRecord, schemaVersion } from './record.js';

export interface CreateMachineRequest {
  readonly name: string;
  /** Name or alias. */
  readonly driver: string;
  /** Parsed by the driver's own schema. */
  readonly driverOptions: JsonObject;
  readonly engine: EngineOptions;
}

/**
 * From nothing to an agent that answers. The record is written before the driver is called and after each of its
 * checkpoints, so that a failure or Ctrl-C leaves a machine that `rm` removes and `provision` finishes; where
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
  const driver = await loadDriver(deps, definition.name);

  context.reporter.step('Running pre-create checks');
  await preCreateCheck(driver, request, context);

  const journal = new CreationJournal(deps, newRecord(deps, request, definition.name));
  try {
    await journal.begin();
    context.reporter.step(`Creating machine "${request.name}"`);
    await createHost(deps, driver, journal, context);
    context.reporter.step('Waiting for SSH');
    await connectAndProvision(deps, driver, journal, context);
  } catch (error) {
    const kept = await journal.close(driver, error);
    throw explain(error, kept ? journal.machine : undefined, request.name, context.signal);
  }
  return deps.store.load(request.name);
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

function newRecord(deps: MachineDependencies, request: CreateMachineRequest, driver: string): MachineRecord {
  return {
    schemaVersion,
    name: request.name,
    createdAt: new Date(deps.clock.now()).toISOString(),
    ownerTag: `tsmachine-${request.name}-${shortId(randomId())}`,
    phase: 'creating',
    driver: { name: driver, options: request.driverOptions },
    engine: request.engine,
  };
}

/** The record while the machine is being made. */
class CreationJournal {
  readonly #deps: MachineDependencies;
  machine: MachineRecord;

  constructor(deps: MachineDependencies, machine: MachineRecord) {
    this.#deps = deps;
    this.machine = machine;
  }

  get directory(): string {
    return this.#deps.store.directory(this.machine.name);
  }

  async begin(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await this.#deps.store.save(this.machine);
  }

  async checkpoint(instance: JsonObject): Promise<void> {
    const { engine, driver } = this.machine;
    // Where the host serves the API may be the driver's to say, as with docker-machine's --generic-engine-port.
    const port = typeof instance['enginePort'] === 'number' ? instance['enginePort'] : engine.port;
    this.machine = { ...this.machine, driver: { ...driver, instance }, engine: { ...engine, port } };
    await this.#deps.store.save(this.machine);
  }

  /** From here on `provision` can finish the work. */
  async hostMade(instance: JsonObject): Promise<void> {
    this.machine = { ...this.machine, phase: 'provisioning' };
    await this.checkpoint(instance);
  }

  /** Removes the record where there is nothing that it would be needed for. True when it was kept. */
  async close(driver: AnyDriver, error: unknown): Promise<boolean> {
    const madeNothing = this.machine.driver.instance === undefined;
    const touchedNothing = driver.controlsPower === false && wasRefused(error);
    if (!madeNothing && !touchedNothing) return true;
    await this.#deps.store.remove(this.machine.name);
    return false;
  }
}

/** The host was not ours to make, and either could not be entered or was found unfit before anything was done. */
function wasRefused(error: unknown): boolean {
  if (!isTsmachineError(error)) return false;
  return refusals.has(error.code);
}

const refusals = new Set([
  'SSH_UNREACHABLE',
  'SSH_AUTHENTICATION_FAILED',
  'SSH_HOST_KEY_CHANGED',
  'OS_NOT_SUPPORTED',
  'SUDO_REQUIRED',
  'NO_SPACE',
]);

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
  if (driver.controlsPower === false) return;
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
  const opened = await waitForConnection(deps, journal.machine, driver, context);
  await using _connection = opened.connection;
  await provisionOver(deps, opened, driver, context);
}

/** `kept` is the record that was left, if any. */
function explain(
  error: unknown,
  kept: MachineRecord | undefined,
  name: string,
  signal: AbortSignal,
): unknown {
  const finish = kept?.phase === 'creating' ? '' : `"tsmachine provision ${name}" to finish, or `;
  const next = `run ${finish}"tsmachine rm ${name}" to remove what was made`;
  if (signal.aborted) return interrupted(`the creation of "${name}"`, [kept ? next : 'nothing was made']);
  return kept ? withHints(error, [next]) : error;
}
