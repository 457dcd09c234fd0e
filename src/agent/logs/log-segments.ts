import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** One file of a log that is rotated: "log", before it "log.1", before that "log.2" or "log.2.gz". */
export interface LogSegment {
  readonly path: string;
  readonly compressed: boolean;
}

/** All files of a log, the oldest first. The present one is the last, also when it is not there. */
export async function logSegments(path: string): Promise<readonly LogSegment[]> {
  const older = await rotatedSegments(path);
  return [...older.map(({ segment }) => segment).reverse(), { path, compressed: false }];
}

export interface RotatedSegment {
  /** 1 for the newest. */
  readonly number: number;
  readonly segment: LogSegment;
}

/** The newest first. A file that is being compressed counts once. */
export async function rotatedSegments(path: string): Promise<readonly RotatedSegment[]> {
  const directory = dirname(path);
  const prefix = `${basename(path)}.`;
  const found = new Map<number, RotatedSegment>();
  for (const name of (await readdir(directory)).sort()) {
    const [, digits, compressed] = /^(\d+)(\.gz)?$/.exec(name.slice(prefix.length)) ?? [];
    if (!name.startsWith(prefix) || digits === undefined || found.has(Number(digits))) continue;
    const segment = { path: join(directory, name), compressed: compressed !== undefined };
    found.set(Number(digits), { number: Number(digits), segment });
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}
