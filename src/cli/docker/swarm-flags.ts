import { Flags } from '@oclif/core';
import { TsmachineError } from '../../shared/errors.js';

/** Flags that mean something in a Swarm only, which no machine is: hidden, and refused by name. */
export function swarmOnly<const N extends string>(names: readonly N[]) {
  const flag = () =>
    Flags.string({ hidden: true, description: 'Swarm only', multiple: true, multipleNonGreedy: true });
  // fromEntries forgets the names.
  return Object.fromEntries(names.map((name) => [name, flag()])) as Record<N, ReturnType<typeof flag>>;
}

/** Throws SWARM_ONLY. */
export function refuseSwarm(names: readonly string[], flags: Readonly<Record<string, unknown>>): void {
  const name = names.find((each) => flags[each] !== undefined);
  if (name === undefined) return;
  throw new TsmachineError(
    'not-implemented',
    'SWARM_ONLY',
    `--${name} is for nodes of a Swarm, which no machine of tsmachine's is`,
    { hints: [`leave out --${name}`] },
  );
}
