import { freeSharedMemory } from '../../runtime/shared-memory.js';
import { releaseBandwidth } from './bandwidth.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';

/** Frees what a run has on the host beside its processes, root and network. Succeeds when there is nothing. */
export async function freeHostParts({ paths }: ContainerContext, { id, record }: Container): Promise<void> {
  await Promise.all([freeSharedMemory(paths.sharedMemory(id)), releaseBandwidth(record)]);
}
