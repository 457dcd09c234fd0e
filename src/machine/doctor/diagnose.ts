import { errorMessage } from '../../shared/errors.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { type Finding, failure } from './finding.js';
import { localChecks } from './local-checks.js';
import { machineChecks } from './machine-checks.js';

/** Looks at this computer, the store, and the machines of these names, all at once. Changes nothing. */
export async function diagnose(
  deps: MachineDependencies,
  names: readonly string[],
  context: MachineContext,
): Promise<readonly Finding[]> {
  const [local, ...machines] = await Promise.all([
    localChecks(deps),
    ...names.map((name) =>
      machineChecks(deps, name, context).catch((error): readonly Finding[] => {
        context.signal.throwIfAborted();
        return [{ subject: name, check: 'record', ...failure(errorMessage(error)) }];
      }),
    ),
  ]);
  return [...local, ...machines.flat()];
}
