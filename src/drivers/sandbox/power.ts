import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.js';
import { waitUntil } from '../../shared/wait-until.js';
import {
  makeCgroups,
  mountedHierarchies,
  mountedInside,
  processesIn,
  removeCgroups,
  removeParentCgroups,
} from './cgroups.js';
import { sandboxStateLost } from './errors.js';
import { type SandboxInstance, stateOf } from './instance.js';
import { boot } from './namespaces.js';
import { connectSandbox, disconnectSandbox, lowerNetwork, raiseNetwork } from './network.js';
import {
  forgetInit,
  isAlive,
  type ProcessIdentity,
  recordInit,
  runningInit,
  signalProcess,
} from './processes.js';
import { isReserved, lockSite, release, removeContent, subnetInUse } from './reservations.js';
import { writeResolvConf } from './root-file-system.js';
import type { SandboxSite } from './site.js';
import { gatewayOf, type Subnet } from './subnet.js';

/** init.sh gives its processes ten seconds. */
const stopMs = 15_000;
const killMs = 10_000;

/** Boots the sandbox from its directory, also after a reboot of this machine; leaves nothing running on failure. */
export async function powerOn(
  site: SandboxSite,
  instance: SandboxInstance,
  signal: AbortSignal,
): Promise<void> {
  const state = stateOf(site, instance.id);
  if (await runningInit(state)) return;
  if (instance.address === undefined || !(await isReserved(site, instance.id))) throw sandboxStateLost(state);
  await clearRunState(site, instance.id);
  try {
    await bootWithAddress(site, instance, instance.address, signal);
  } catch (error) {
    await powerOff(site, instance.id, { gracefully: false });
    throw error;
  }
}

/** Ends every process of the sandbox and removes its interface and cgroups. Its files stay. */
export async function powerOff(
  site: SandboxSite,
  id: string,
  { gracefully, signal }: { gracefully: boolean; signal?: AbortSignal },
): Promise<void> {
  const init = await runningInit(stateOf(site, id));
  if (init && gracefully) await endInit(init, 'SIGTERM', stopMs, signal);
  if (init) await endInit(init, 'SIGKILL', killMs, signal);
  await clearRunState(site, id);
}

/** Removes whatever exists of it, in whatever state a crash left it; with the last sandbox, what they shared. */
export async function removeSandbox(site: SandboxSite, id: string): Promise<void> {
  await powerOff(site, id, { gracefully: false });
  await removeContent(site, id);
  await using _lock = await lockSite(site);
  if (!(await release(site, id))) return;
  await lowerNetwork(site);
  await removeParentCgroups(await mountedHierarchies(), site.cgroup);
}

async function bootWithAddress(
  site: SandboxSite,
  instance: SandboxInstance,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const state = stateOf(site, instance.id);
  const subnet = await raiseSharedNetwork(site, state, signal);
  const hierarchies = await mountedHierarchies();
  await writeResolvConf(state);
  await boot({
    state,
    base: instance.base,
    templates: join(packageRoot(), 'templates', 'sandbox'),
    address: `${address}/${subnet.prefixLength}`,
    gateway: gatewayOf(subnet),
    cgroups: await makeCgroups(hierarchies, site.cgroup, instance.id, instance),
    cgroupsInside: mountedInside(hierarchies),
    signal,
    async prepare(init) {
      await recordInit(state, init);
      await connectSandbox(site, { id: instance.id, address, pid: init.pid });
    },
  });
}

async function raiseSharedNetwork(site: SandboxSite, state: string, signal: AbortSignal): Promise<Subnet> {
  await using _lock = await lockSite(site, signal);
  const subnet = await subnetInUse(site);
  if (!subnet) throw sandboxStateLost(state);
  await raiseNetwork(site, subnet);
  return subnet;
}

/** With PID 1 the kernel ends the whole PID namespace; that it is gone means that all are. */
async function endInit(
  init: ProcessIdentity,
  kind: 'SIGTERM' | 'SIGKILL',
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await signalProcess(init, kind);
  const ended = waitUntil(async () => ((await isAlive(init)) ? undefined : true), {
    what: `process ${init.pid} to end`,
    timeoutMs,
    intervalMs: 20,
    signal,
  });
  await ended.catch((error) => {
    signal?.throwIfAborted();
    if (kind === 'SIGKILL') throw error;
  });
}

/** Also ends a PID 1 that was started but not recorded: its cgroups know it. */
async function clearRunState(site: SandboxSite, id: string): Promise<void> {
  const hierarchies = await mountedHierarchies();
  for (const pid of await processesIn(hierarchies, site.cgroup, id)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone by itself
    }
  }
  await disconnectSandbox(id);
  await removeCgroups(hierarchies, site.cgroup, id);
  await forgetInit(stateOf(site, id));
}
