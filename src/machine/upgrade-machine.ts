import { version } from '../shared/version.js';
import type { MachineContext, MachineDependencies } from './dependencies.js';
import { startMachine } from './power/power.js';
import { provisionMachine } from './provision-machine.js';

export interface UpgradeOutcome {
  /** The agent's version before; undefined when it had none. */
  readonly from: string | undefined;
  readonly to: string;
  /** Titles of the steps that had something to do. */
  readonly applied: readonly string[];
}

/** Starts the machine if need be, and brings its agent to this version. Containers live on. */
export async function upgradeMachine(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<UpgradeOutcome> {
  const { provisioned } = await deps.store.load(name);
  await startMachine(deps, name, context);
  const { applied } = await provisionMachine(deps, name, context);
  return { from: provisioned?.agentVersion, to: version, applied };
}
