import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import type { MachineStore } from './machine-store.js';
import { activePath } from './storage.js';

/** Makes it the active machine of every shell that has no other one. Throws MACHINE_NOT_FOUND. */
export async function useMachine(store: MachineStore, storage: string, name: string): Promise<void> {
  await store.load(name);
  const path = activePath(storage);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, `${name}\n`);
}
