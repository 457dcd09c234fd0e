import { isPortSpec, type PortForward, parsePortForward } from '../machine/forward/port-spec.js';
import { activeMachine } from '../machine/store/access.js';
import { argumentMissing } from './docker/errors.js';

export interface ForwardPlan {
  readonly machine: string;
  /** Undefined: those that are published. */
  readonly ports: readonly PortForward[] | undefined;
}

export interface Surroundings {
  readonly storage: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Ports belong to the machine before them, or to the active one when there is none. Throws FORWARD_INVALID,
 * ARGUMENT_MISSING, NO_ACTIVE_MACHINE.
 */
export function planForwards(
  words: readonly string[],
  auto: boolean,
  { storage, environment }: Surroundings,
): readonly ForwardPlan[] {
  if (auto) {
    const machines = words.length > 0 ? [...new Set(words)] : [activeMachine(storage, environment)];
    return machines.map((machine) => ({ machine, ports: undefined }));
  }
  const plans = new Map<string, PortForward[]>();
  let machine: string | undefined;
  for (const word of words) {
    if (!isPortSpec(word)) machine = word;
    machine ??= activeMachine(storage, environment);
    const ports = plans.get(machine) ?? [];
    plans.set(machine, isPortSpec(word) ? [...ports, parsePortForward(word)] : ports);
  }
  const [empty] = [...plans].find(([, ports]) => ports.length === 0) ?? [];
  if (words.length === 0 || empty !== undefined) {
    throw argumentMissing(
      empty === undefined ? 'the port' : `the port of "${empty}"`,
      'forward [MACHINE] [LOCAL:]REMOTE, or forward --auto',
    );
  }
  return [...plans].map(([name, ports]) => ({ machine: name, ports }));
}
