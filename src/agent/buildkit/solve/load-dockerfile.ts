import { readFile, stat } from 'node:fs/promises';
import { systemErrorCode } from '../../../shared/errors.js';
import { largestDockerfile } from '../../build/dockerfile/limits.js';
import { buildTooLarge } from '../../build/errors.js';
import { resolveInRoot } from '../../kernel/rooted-path.js';
import { solveInvalid } from '../errors.js';
import type { SyncedTrees } from '../files/synced-trees.js';
import type { Session } from '../session/sessions.js';
import type { BuildStatus } from '../status/build-status.js';

export interface LoadContext {
  readonly session: Session;
  readonly trees: SyncedTrees;
  readonly status: BuildStatus;
  readonly signal: AbortSignal;
}

export interface LoadedDockerfile {
  readonly text: string;
  /** Of NAME.dockerignore beside it; undefined when there is none. */
  readonly ignore: string | undefined;
}

/** Takes the Dockerfile from the client, and the ignore file of its own. Throws SOLVE_INVALID. */
export function loadDockerfile(
  { session, trees, status, signal }: LoadContext,
  directory: string,
  filename: string,
): Promise<LoadedDockerfile> {
  const lower = filename.toLowerCase();
  const include = [...new Set([filename, `${filename}.dockerignore`, lower])];
  return status.during(`[internal] load build definition from ${filename}`, async (vertex) => {
    const item = `transferring ${directory}:`;
    let bytes = 0;
    const progress = (current: number) => {
      bytes = current;
      vertex.item(item, { current });
    };
    await using tree = await trees.sync(session, { name: directory, include }, { progress, signal });
    vertex.item(item, { current: bytes, done: true });
    const text =
      (await readSmall(tree.root, filename)) ??
      (filename === 'Dockerfile' ? await readSmall(tree.root, lower) : undefined);
    if (text === undefined) {
      throw solveInvalid(`failed to read dockerfile: open ${filename}: no such file or directory`);
    }
    return { text, ignore: await readSmall(tree.root, `${filename}.dockerignore`) };
  });
}

/** Undefined when it is not there. */
export async function readSmall(root: string, name: string): Promise<string | undefined> {
  try {
    const path = await resolveInRoot(root, name);
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    if (found.size > largestDockerfile) throw buildTooLarge(`the file ${name}`, '2 MiB');
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
