import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, isTsmachineError } from '../../../shared/errors.js';
import { formatNanoTime, nowNanos } from '../../../shared/nanotime.js';
import { UndoStack } from '../../../shared/undo-stack.js';
import { hostDevices } from '../../runtime/host-facts.js';
import { makeSharedMemory } from '../../runtime/shared-memory.js';
import { buildSpec } from '../../runtime/spec/build-spec.js';
import { defaultShmSize } from '../../runtime/spec/mounts.js';
import type { RunSpec } from '../../runtime/spec/run-spec.js';
import { serialiseOci } from '../../runtime/spec/serialise.js';
import { hostOwner, hostRoot } from '../../userns/id-map.js';
import { alreadyStarted, markedForRemoval, startPaused } from '../errors.js';
import { attachmentsOf, hasSandbox } from './attachments.js';
import { applyBandwidth } from './bandwidth.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { discardContainer } from './discard.js';
import { watchExit } from './exit.js';
import { healthPlan } from './health/healthcheck.js';
import { startHealthChecks } from './health/monitor.js';
import { freeHostParts } from './host-parts.js';
import { linkedPorts, updateLinkingHosts } from './links.js';
import { checkLogReceiver, shipLog } from './log-shipping.js';
import { makeBindSources } from './make-mounts.js';
import { writeNetworkFiles } from './network-files.js';
import { portBindings } from './ports.js';
import { checkPropagation } from './propagation.js';
import { publishConnections, publishDisconnections } from './run-events.js';
import { type PreparedRoot, toRunSpec } from './run-spec.js';
import { mountVolumes, releaseSubpaths, unmountVolumes } from './volume-mounts.js';

/** Starts a container at a client's wish. Throws CONTAINER_RUNNING (304), … and what `launch` throws. */
export async function startContainer(context: ContainerContext, container: Container): Promise<void> {
  await context.locks.run(container.id, async () => {
    const { status } = container.record.state;
    if (status === 'paused') throw startPaused();
    if (status === 'running') throw alreadyStarted();
    if (container.record.removal || status === 'dead' || !context.store.byId(container.id)) {
      throw markedForRemoval();
    }
    container.restartDelay?.abort();
    container.update({ manuallyStopped: false, restartCount: 0 });
    await launch(context, container);
  });
}

/**
 * Brings a container up; the caller holds its lock. When it throws, nothing runs and nothing is held: the record
 * says why, and a container with AutoRemove is gone, as with dockerd.
 */
export async function launch(context: ContainerContext, container: Container): Promise<void> {
  try {
    await bringUp(context, container);
  } catch (error) {
    await recordFailure(context, container, error);
    throw error;
  }
  context.store.save(container).catch((error) => {
    context.log.error('container record is not written', {
      container: container.id,
      error: errorMessage(error),
    });
  });
  await updateLinkingHosts(context, container).catch((error) => {
    context.log.warn('links to a container are not updated', {
      container: container.id,
      error: errorMessage(error),
    });
  });
  publish(context, container, 'start');
  startHealthChecks(context, container);
  shipLog(context, container);
  watchExit(context, container, launch);
}

/**
 * The order matters: the process waits in its namespaces until the network is there, every client that attached
 * before is connected, and the record says that it runs.
 */
async function bringUp(context: ContainerContext, container: Container): Promise<void> {
  const { id } = container;
  await checkLogReceiver(container);
  await using undo = new UndoStack();
  const prepared = await prepare(context, container, undo);
  const run = await writeBundle(context, container, prepared);
  const { idMap } = container.record;

  undo.push(() => context.runtime.forget(id));
  undo.push(() => context.runtime.delete(id, { force: true }));
  const pid = await context.runtime.create({
    id,
    bundle: context.paths.bundle(id),
    program: container.record.hostConfig.Runtime,
    logPath: container.record.hostConfig.LogConfig?.Type === 'none' ? undefined : context.paths.log(id),
    terminal: container.record.config.Tty ?? false,
    openStdin: container.record.config.OpenStdin ?? false,
    stdinOnce: container.record.config.StdinOnce ?? false,
    stdioOwner: idMap && hostOwner(idMap, run.user),
  });
  releaseSubpaths(context, container.record.mounts, id);
  const before = container.record;
  undo.push(() => container.restore(before));
  container.apply({
    type: 'launched',
    pid,
    at: formatNanoTime(nowNanos()),
    probed: healthPlan(container.record.config) !== undefined,
  });
  await Promise.all([
    hasSandbox(container.record) && context.networks.connect(id, pid),
    context.store.save(container),
    ...[...container.pendingAttaches].map((attach) => attach.connect()),
  ]);
  await applyBandwidth(container.record, pid);
  publishConnections(context, container);
  undo.push(() => publishDisconnections(context, container));
  await context.runtime.start(id);
  container.apply({ type: 'started' });
  undo.commit();
}

/** Root, volumes, address and ports, and the files that depend on them. */
async function prepare(
  context: ContainerContext,
  container: Container,
  undo: UndoStack,
): Promise<PreparedRoot> {
  const { record, id } = container;
  const attachments = hasSandbox(record) ? attachmentsOf(context, record) : undefined;
  const ports = portBindings(record.config, record.hostConfig);
  undo.push(() => context.layers.unmount(id));
  undo.push(() => freeHostParts(context, container));
  undo.push(() => unmountVolumes(context, record, id));
  if (attachments) undo.push(() => context.networks.release(id));
  const sources = await mountVolumes(context, record, id);
  const [root, sandbox] = await Promise.all([
    context.layers.mount(id),
    attachments &&
      context.networks.reserve(
        { id, name: record.name, ...(record.links && { links: linkedPorts(context, record) }) },
        attachments,
        ports,
      ),
    makeBindSources(record.mounts, hostRoot(record.idMap)),
  ]);
  await writeNetworkFiles(context, record, sandbox?.endpoints ?? []);
  if (record.hostConfig.IpcMode === 'shareable') {
    const size = record.hostConfig.ShmSize || defaultShmSize;
    await makeSharedMemory(context.paths.sharedMemory(id), size, hostRoot(record.idMap));
  }
  return { root, sources, propagation: await checkPropagation(record.mounts) };
}

async function writeBundle(
  context: ContainerContext,
  container: Container,
  prepared: PreparedRoot,
): Promise<RunSpec> {
  const run = await toRunSpec(context, container, prepared);
  const host = run.privileged ? { ...context.host, devices: hostDevices() } : context.host;
  const { spec, warnings } = buildSpec(run, host);
  for (const warning of warnings)
    context.log.warn('the host lacks an option', { container: container.id, warning });
  const bundle = context.paths.bundle(container.id);
  await mkdir(bundle, { recursive: true, mode: 0o700 });
  await writeFile(join(bundle, 'config.json'), serialiseOci(spec), { mode: 0o600 });
  return run;
}

async function recordFailure(context: ContainerContext, container: Container, error: unknown): Promise<void> {
  const message = errorMessage(error);
  container.apply({ type: 'start-failed', exitCode: exitCodeOf(error), error: message });
  for (const attach of container.pendingAttaches) attach.cancel();
  await rm(context.paths.bundle(container.id), { recursive: true, force: true });
  container.events.emit('start-failed');
  if (container.record.hostConfig.AutoRemove) {
    await discardContainer(context, container, { volumes: true });
  } else {
    await context.store.save(container);
  }
}

/** dockerd's: 127 and 126 where the command is at fault, else 128. */
function exitCodeOf(error: unknown): number {
  if (!isTsmachineError(error)) return 128;
  if (error.code === 'EXECUTABLE_NOT_FOUND') return 127;
  return error.code === 'EXECUTABLE_NOT_RUNNABLE' ? 126 : 128;
}
