import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../../../../../src/shared/errors.js';
import type { AgentLab } from '../agent-lab.js';

/** Takes all room that the agent's store has left, to the last block. The store is to be a small file system. */
export async function fillDisk(lab: AgentLab): Promise<void> {
  await using file = await open(fillerOf(lab), 'w');
  for (let size = 2 ** 20; size >= 2 ** 9; ) {
    try {
      await file.appendFile(Buffer.alloc(size));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOSPC') throw error;
      size /= 2;
    }
  }
}

export async function freeDisk(lab: AgentLab): Promise<void> {
  await rm(fillerOf(lab), { force: true });
}

function fillerOf(lab: AgentLab): string {
  return join(lab.data, 'filler');
}
