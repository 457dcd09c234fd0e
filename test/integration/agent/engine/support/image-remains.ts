import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { AgentLab } from './agent-lab.js';

/** What a lab's image store takes up. */
export interface ImageRemains {
  readonly files: readonly string[];
  readonly mounts: readonly string[];
}

/** Files of the image store and mounts, without what is only remembered: blobs of registries, networks, the build cache. */
export async function imageRemains(lab: AgentLab): Promise<ImageRemains> {
  const data = join(lab.directory, 'data');
  const skipped = ['registry-blobs', 'network', 'build/cache', 'filler'].flatMap((each) => [
    ...['-path', join(data, each), '-prune', '-o'],
  ]);
  const files = await lab.inside('find', data, ...skipped, '-type', 'f', '-print');
  const mounts = (await lab.mounts()).filter((each) => each.startsWith(lab.directory));
  return { files: files.split('\n').sort(), mounts };
}

/** What was running when the agent was killed may end a little later. */
export async function expectRemains(lab: AgentLab, what: string, expected: ImageRemains): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const now = await imageRemains(lab);
    if (isDeepStrictEqual(now, expected)) return;
    if (Date.now() > end) {
      expect({ what, ...now }).toEqual({ what, ...expected });
      return;
    }
    await delay(100);
  }
}

/** IDs of all images. */
export async function imageIds(lab: AgentLab): Promise<readonly string[]> {
  const { stdout } = await lab.docker(['images', '-aq', '--no-trunc']);
  return [...new Set(stdout.split('\n').filter(Boolean))];
}

/** Every file of its layers is read, and their digests are verified. */
export async function expectWhole(lab: AgentLab, id: string, what: string): Promise<void> {
  const { status } = await lab.request('GET', `/images/${id}/get`);
  expect({ what, id, status }).toEqual({ what, id, status: 200 });
}

/** Bytes that the lab's store can still take. */
export async function roomLeft(lab: AgentLab): Promise<number> {
  const { bavail, bsize } = await statfs(lab.data);
  return bavail * bsize;
}
