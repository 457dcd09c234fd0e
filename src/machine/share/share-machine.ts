import { access, readFile } from 'node:fs/promises';
import { randomId, shortId } from '../../shared/identifiers.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { generateKeyPair } from '../../ssh/key-pair.js';
import type { SshConnection, SshEndpoint } from '../../ssh/transport.js';
import { type OpenedMachine, openConnection, sshEndpointOf } from '../connection/connect.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { engineNotOurs } from '../engine/errors.js';
import { machineNotReady } from '../errors.js';
import type { MachineRecord, Share } from '../store/record.js';
import { machineCertificatePaths } from '../store/storage.js';
import { fileExists, hopsNotShared, shareNotFound } from './errors.js';
import { writeMachineFile } from './machine-file.js';

/**
 * Gives somebody else access to the machine: an SSH key and a client certificate of their own, which work on this host
 * only and can be taken back one by one. Writes them to `file` (0600) with all that is needed to use the machine,
 * and none of our keys. Throws MACHINE_NOT_READY, ENGINE_NOT_OURS, FILE_EXISTS, and what the connection throws.
 */
export async function exportMachine(
  deps: MachineDependencies,
  name: string,
  request: { readonly file: string; readonly who: string },
  context: MachineContext,
): Promise<Share> {
  await using _lock = await deps.store.lock(name, context.signal);
  const machine = await deps.store.load(name);
  await assertShareable(machine, request.file);
  context.reporter.step(`Connecting to "${name}" over SSH`);
  const { driver, opened } = await connect(deps, machine, context);
  await using connection = opened.connection;
  const endpoint = sshEndpointOf(deps, machine, driver);
  if (endpoint.jumpHosts?.length) throw hopsNotShared(name);

  const id = `tsmachine-share-${shortId(randomId())}`;
  const share: Share = { id, who: request.who, createdAt: new Date(deps.clock.now()).toISOString() };
  context.reporter.step(`Letting "${request.who}" in`);
  await using undo = new UndoStack();
  const keys = await admit(deps, connection, share, undo, context);
  const authority = await readFile(machineCertificatePaths(deps.storage, name).ca, 'utf8');
  const record = sharedRecord(opened.machine, endpoint);
  await writeMachineFile(request.file, { record, authority, ...keys });
  await deps.store.save({ ...opened.machine, shares: [...(machine.shares ?? []), share] });
  undo.commit();
  return share;
}

/** Takes back what `exportMachine` gave. `which` is the id or the name given there. Throws SHARE_NOT_FOUND. */
export async function revokeShare(
  deps: MachineDependencies,
  name: string,
  which: string,
  context: MachineContext,
): Promise<readonly Share[]> {
  await using _lock = await deps.store.lock(name, context.signal);
  const machine = await deps.store.load(name);
  const shares = machine.shares ?? [];
  const revoked = shares.filter(({ id, who }) => id === which || who === which);
  if (revoked.length === 0) throw shareNotFound(name, which, shares);
  context.reporter.step(`Connecting to "${name}" over SSH`);
  const { opened } = await connect(deps, machine, context);
  await using connection = opened.connection;
  const host = await deps.hostAccess();
  for (const { id } of revoked) {
    await host.dismissKey(connection, id, context.signal);
    await host.dismissClients(connection, id, context.signal);
  }
  await deps.store.save({ ...opened.machine, shares: shares.filter((share) => !revoked.includes(share)) });
  return revoked;
}

async function assertShareable(machine: MachineRecord, file: string): Promise<void> {
  if (machine.phase !== 'ready') throw machineNotReady(machine.name);
  if (machine.foreign === 'docker') throw engineNotOurs(machine.name);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw fileExists(file);
}

async function connect(deps: MachineDependencies, machine: MachineRecord, context: MachineContext) {
  const driver = await driverOf(deps, machine);
  const opened: OpenedMachine = await openConnection(deps, machine, driver, context);
  return { driver, opened };
}

async function admit(
  deps: MachineDependencies,
  connection: SshConnection,
  { id, who }: Share,
  undo: UndoStack,
  { signal }: MachineContext,
): Promise<{ readonly clientCertificate: string; readonly clientKey: string; readonly sshKey: string }> {
  const host = await deps.hostAccess();
  const { authority, client } = await deps.certificates.foreignClient(`${id} ${who}`);
  const pair = await generateKeyPair(id);
  // Also after Ctrl-C: what was let in must not stay. The connection's own deadlines bound it.
  const always = new AbortController().signal;
  undo.push(() => host.dismissClients(connection, id, always));
  await host.admitClients(connection, id, authority, signal);
  undo.push(() => host.dismissKey(connection, id, always));
  await host.admitKey(connection, id, pair.publicKey, signal);
  return { clientCertificate: client.certificate, clientKey: client.key, sshKey: pair.privateKey };
}

/** As a host over SSH: the provider's credentials and what is made there stay with the owner. */
function sharedRecord(machine: MachineRecord, endpoint: SshEndpoint): MachineRecord {
  const { schemaVersion, name, createdAt, ownerTag, engine, address, hostKey, provisioned } = machine;
  const { host, port, user } = endpoint;
  const instance = {
    host,
    port,
    user,
    identityFiles: ['id_ed25519'],
    jumpHosts: [],
    enginePort: engine.port,
  };
  const options = { 'ssh-host': host, 'ssh-port': port, 'ssh-user': user, 'ssh-engine-port': engine.port };
  return {
    schemaVersion,
    name,
    createdAt,
    ownerTag,
    phase: 'ready',
    driver: { name: 'ssh', options, instance },
    engine,
    foreign: 'agent',
    ...(address !== undefined && { address }),
    ...(hostKey !== undefined && { hostKey }),
    ...(provisioned && { provisioned }),
  };
}
