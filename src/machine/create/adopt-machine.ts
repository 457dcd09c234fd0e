import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyDriver } from '../../drivers/driver.js';
import type { HostSurvey } from '../../provision/host-access.js';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { UndoStack } from '../../shared/undo-stack.js';
import type { SshConnection } from '../../ssh/transport.js';
import { openConnection } from '../connection/connect.js';
import { loadDriver, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { driverCannot } from '../errors.js';
import { waitForAgent } from '../provision-machine.js';
import { machineExists } from '../store/errors.js';
import { assertMachineName } from '../store/names.js';
import { type MachineRecord, schemaVersion } from '../store/record.js';
import { machineCertificatePaths } from '../store/storage.js';
import { newOwnerTag, storeId } from '../store/store-identity.js';
import type { CreateMachineRequest } from './create-machine.js';
import { loginNeedsRoot, nothingToAdopt } from './errors.js';

export interface AdoptionPlan {
  readonly kind: 'agent' | 'docker';
  readonly host: HostSurvey;
  /** What would be done on the host; nothing else is touched. */
  readonly changes: readonly string[];
  /** What stays as it is, so that nobody needs to wonder. */
  readonly kept: readonly string[];
}

/**
 * Looks at a host that serves already, and says what taking it over would do. Changes nothing anywhere.
 * Throws NOTHING_TO_ADOPT, LOGIN_NEEDS_ROOT, DRIVER_CANNOT, and what driver and transport throw.
 */
export async function planAdoption(
  deps: MachineDependencies,
  request: CreateMachineRequest,
  context: MachineContext,
): Promise<AdoptionPlan> {
  await assertFree(deps, request.name);
  const driver = await adoptingDriver(deps, request);
  await driver.preCreateCheck(request.driverOptions, context);
  await mkdir(deps.storage, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(deps.storage, '.adopt-'));
  try {
    const record = await describe(deps, driver, request, directory, context);
    context.reporter.step('Looking at the host');
    const { connection } = await openConnection(deps, record, driver, context, { directory });
    await using _connection = connection;
    const host = await deps.hostAccess();
    return planFor(
      await host.survey(connection, context.signal),
      await storeId(deps.storage),
      sshUrlOf(request),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Does what the plan says. A failure leaves neither a record nor a change on the host. */
export async function adoptMachine(
  deps: MachineDependencies,
  request: CreateMachineRequest,
  plan: AdoptionPlan,
  context: MachineContext,
): Promise<MachineRecord> {
  await using _lock = await deps.store.lock(request.name, context.signal);
  await assertFree(deps, request.name);
  const driver = await adoptingDriver(deps, request);
  await using undo = new UndoStack();
  const directory = deps.store.directory(request.name);
  undo.push(() => deps.store.remove(request.name));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const described = await describe(deps, driver, request, directory, context);
  const { connection, machine } = await openConnection(deps, described, driver, context);
  await using _connection = connection;
  const overSsh = plan.kind === 'docker' && { sshUrl: sshUrlOf(request) };
  const record: MachineRecord = { ...machine, phase: 'ready', foreign: plan.kind, ...overSsh };
  if (plan.host.agent) await enterAgent(deps, record, plan.host.agent.authority, connection, context);
  await deps.store.save(record);
  undo.commit();
  return record;
}

async function enterAgent(
  deps: MachineDependencies,
  record: MachineRecord,
  theirAuthority: string,
  connection: SshConnection,
  context: MachineContext,
): Promise<void> {
  const { authority, client } = await deps.certificates.ensure(context.signal);
  const paths = machineCertificatePaths(deps.storage, record.name);
  await writeFileAtomically(paths.ca, theirAuthority);
  await writeFileAtomically(paths.cert, client.certificate);
  await writeFileAtomically(paths.key, client.key);
  const host = await deps.hostAccess();
  const id = clientsId(await storeId(deps.storage));
  context.reporter.step("Letting this store's clients in");
  await using undo = new UndoStack();
  undo.push(() => host.dismissClients(connection, id, new AbortController().signal));
  await host.admitClients(connection, id, authority.certificate, context.signal);
  context.reporter.step('Checking the agent over mutual TLS');
  await waitForAgent(deps, record, record.address ?? '', 1, context);
  undo.commit();
}

/** The record that the machine would have. */
async function describe(
  deps: MachineDependencies,
  driver: AnyDriver,
  request: CreateMachineRequest,
  directory: string,
  context: MachineContext,
): Promise<MachineRecord> {
  const ownerTag = await newOwnerTag(deps.storage, request.name);
  const { name, driverOptions: options, engine } = request;
  const checkpoint = async () => {};
  const instance = await driver.create(options, {
    ...context,
    machineName: name,
    directory,
    ownerTag,
    checkpoint,
  });
  const { address } = await driver.inspect(instance, context);
  const port = typeof instance['enginePort'] === 'number' ? instance['enginePort'] : engine.port;
  return {
    schemaVersion,
    name,
    createdAt: new Date(deps.clock.now()).toISOString(),
    ownerTag,
    phase: 'creating',
    driver: { name: request.driver, options, instance },
    engine: { ...engine, port },
    address: address ?? driver.sshEndpoint(instance).host,
  };
}

async function assertFree(deps: MachineDependencies, name: string): Promise<void> {
  assertMachineName(name);
  if (await deps.store.exists(name)) throw machineExists(name, 'ready');
}

/** One that makes nothing: its hosts are there already. */
async function adoptingDriver(
  deps: MachineDependencies,
  { driver: name }: CreateMachineRequest,
): Promise<AnyDriver> {
  const driver = await loadDriver(deps, name);
  if (driver.controlsPower !== false) throw driverCannot(name, 'adopt a host that it did not make');
  return driver;
}

function planFor(host: HostSurvey, store: string, url: string): AdoptionPlan {
  if (host.agent) {
    if (!host.root) throw loginNeedsRoot(host.hostname);
    return {
      kind: 'agent',
      host,
      changes: [
        `write /etc/tsmachine/tls/clients.d/${clientsId(store)}.pem, which lets the clients of this store in`,
        'tell the agent to read its certificates again; it is not restarted',
      ],
      kept: ['host name', 'containers and images', 'agent', 'server certificate', 'access of other stores'],
    };
  }
  if (!host.docker) throw nothingToAdopt(host.hostname);
  return {
    kind: 'docker',
    host,
    changes: [`change nothing there; docker will reach it with your own ssh, as ${url}`],
    kept: ['host name', 'Docker Engine and its settings', 'containers and images'],
  };
}

function clientsId(store: string): string {
  return `tsmachine-store-${store}`;
}

/** What docker's ssh is to dial: the host as the user named it, since it reads the user's ssh_config too. */
function sshUrlOf({ driverOptions }: CreateMachineRequest): string {
  const { 'ssh-host': host, 'ssh-user': user, 'ssh-port': port } = driverOptions;
  const login = typeof user === 'string' ? `${user}@` : '';
  const name = String(host).includes(':') ? `[${host}]` : String(host);
  return `ssh://${login}${name}${typeof port === 'number' ? `:${port}` : ''}`;
}
