import { inspectContainer } from '../../api/client/containers.js';
import { isTsmachineError } from '../../shared/errors.js';
import type { Fleet } from '../fleet.js';

/** Whether a container that has just ended stays so: its restart policy may begin it again. */
export async function staysEnded(
  fleet: Fleet,
  machine: string,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { State } = await inspectContainer(fleet.client(machine), id, signal);
    return !State.Running && State.Restarting !== true;
  } catch (error) {
    if (isTsmachineError(error) && error.kind === 'not-found') return true;
    throw error;
  }
}
