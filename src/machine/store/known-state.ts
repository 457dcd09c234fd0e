import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { MachineState } from '../../drivers/driver.js';
import { isJsonObject } from '../../shared/json.js';

/** What was last seen of a machine: a cache, shown with its age where the host does not answer. */
export interface KnownState {
  readonly state: MachineState;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
  readonly dockerVersion?: string;
}

/** Undefined when nothing is known; a damaged cache counts as none. */
export function readKnownState(path: string): KnownState | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isJsonObject(value)) return undefined;
    const { state, seenAt, dockerVersion } = value;
    if (typeof state !== 'string' || typeof seenAt !== 'number') return undefined;
    // Only this file's writer makes it, from a MachineState.
    const known = { state: state as MachineState, seenAt };
    return typeof dockerVersion === 'string' ? { ...known, dockerVersion } : known;
  } catch {
    return undefined;
  }
}

/** Without fsync, unlike a record: losing the cache costs nothing. Silent when the machine has just been removed. */
export async function writeKnownState(path: string, known: KnownState): Promise<void> {
  counter += 1;
  const temporary = `${path}.${process.pid}-${counter}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(known), { mode: 0o600 });
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true });
  }
}

let counter = 0;
