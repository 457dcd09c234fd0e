import type { HostChange } from '../../drivers/driver.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { engineNotOurs } from '../engine/errors.js';
import { driverCannot } from '../errors.js';
import { provisionMachine } from '../provision-machine.js';
import { type Host, hostOf, restartMachine, saveInstance } from './power.js';

/** New values; what is absent stays. Undefined as value of a tag or label removes it. */
export interface MachineChange extends HostChange {
  /** The engine's, as `docker info` shows them. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
}

export interface ChangeOutcome {
  /** In force now. */
  readonly applied: readonly (keyof MachineChange)[];
  /** In force after the host was started again, or, for labels, provisioned. */
  readonly pending: readonly (keyof MachineChange)[];
}

/**
 * Changes the host through its driver, and labels by telling the agent. With `restart` the host is restarted where
 * a change needs it. Throws DRIVER_CANNOT, and what the driver throws.
 */
export async function changeMachine(
  deps: MachineDependencies,
  name: string,
  change: MachineChange,
  options: { readonly restart: boolean },
  context: MachineContext,
): Promise<ChangeOutcome> {
  const { needsRestart, isRunning } = await record(deps, name, change, context);
  const given = keysOf(change);
  const isLabelled = given.includes('labels');
  const mustRestart = options.restart && isRunning && needsRestart.length > 0;
  if (mustRestart) await restartMachine(deps, name, context);
  if (isLabelled && isRunning) await provisionMachine(deps, name, context);
  // What a host that is off was given is there when it starts.
  const pending = [
    ...(isRunning && !mustRestart ? needsRestart : []),
    ...(isLabelled && !isRunning ? (['labels'] as const) : []),
  ];
  return { applied: given.filter((key) => !pending.includes(key)), pending };
}

/** What is known afterwards is in the record, under the machine's lock. */
async function record(
  deps: MachineDependencies,
  name: string,
  { labels, ...change }: MachineChange,
  context: MachineContext,
): Promise<{ readonly needsRestart: readonly (keyof HostChange)[]; readonly isRunning: boolean }> {
  await using _lock = await deps.store.lock(name, context.signal);
  const host = await hostOf(deps, name, context);
  const isRunning = host.status.state === 'running';
  if (labels && host.machine.foreign) throw engineNotOurs(name);
  const { machine, needsRestart } = await changeHost(deps, host, change, context);
  if (labels) {
    const engine = { ...machine.engine, labels: mergeLabels(machine.engine.labels, labels) };
    await deps.store.save({ ...machine, engine });
  }
  return { needsRestart, isRunning };
}

async function changeHost(
  deps: MachineDependencies,
  { machine, driver, instance }: Host,
  change: HostChange,
  context: MachineContext,
): Promise<Pick<Host, 'machine'> & { readonly needsRestart: readonly (keyof HostChange)[] }> {
  if (keysOf(change).length === 0) return { machine, needsRestart: [] };
  if (!driver.change) throw driverCannot(machine.driver.name, 'change a host');
  context.reporter.step(`Changing "${machine.name}"`);
  const changed = await driver.change(instance, change, context);
  return {
    machine: await saveInstance(deps, machine, changed.instance),
    needsRestart: changed.needsRestart,
  };
}

function keysOf(change: MachineChange): readonly (keyof MachineChange)[] {
  const keys = ['memoryMiB', 'cpus', 'tags', 'labels'] as const;
  return keys.filter((key) => change[key] !== undefined);
}

function mergeLabels(
  present: readonly string[],
  changes: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const kept = present.filter((label) => !Object.hasOwn(changes, label.split('=')[0] ?? ''));
  const added = Object.entries(changes).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  );
  return [...kept, ...added];
}
