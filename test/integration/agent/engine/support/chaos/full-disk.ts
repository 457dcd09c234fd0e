import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../../../../../src/shared/errors.js';
import type { AgentLab } from '../agent-lab.js';

/** Takes all room that the agent's store has left, to the last block. The store is to be a small file system. */
export async function fillDisk(lab: AgentLab): Promise<void> {
  await using file = await open(fillerOf(lab), 'w');
  await fill(file);
}

/** Leaves it only this many bytes. */
export async function fillDiskBut(lab: AgentLab, bytes: number): Promise<void> {
  await using file = await open(fillerOf(lab), 'w');
  await fill(file);
  await file.truncate((await file.stat()).size - bytes);
}

export async function freeDisk(lab: AgentLab): Promise<void> {
  await rm(fillerOf(lab), { force: true });
}

async function fill(file: FileHandle): Promise<void> {
  for (let size = 2 ** 20; size >= 2 ** 9; ) {
    try {
      await file.appendFile(Buffer.alloc(size));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOSPC') throw error;
      size /= 2;
    }
  }
}

function fillerOf(lab: AgentLab): string {
  return join(lab.data, 'filler');
}
