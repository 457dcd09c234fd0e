import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getArchive, putArchive, statFile } from '../../../api/client/container-files.js';
import type { EngineClient } from '../../../api/client/engine-client.js';
import { copyImpossible } from '../errors.js';
import type { Stdio } from '../stdio.js';
import type { ContainerPlace, CopyPlace } from './copy-place.js';
import { type FileKind, planCopy } from './copy-plan.js';
import { localKind, packLocal, unpackLocal } from './local-archive.js';
import { renameRoot } from './rename-root.js';

export interface CopyContext {
  /** The client of a machine; undefined is the command's own. */
  clientOf(machine: string | undefined): Promise<EngineClient>;
  readonly stdio: Stdio;
  readonly signal: AbortSignal;
}

export interface CopyOptions {
  /** Keep user and group. */
  readonly archive: boolean;
  readonly followLink: boolean;
}

/** Copies from one side to the other, of which one at least is a container. Throws COPY_IMPOSSIBLE. */
export async function copyFiles(
  from: CopyPlace,
  to: CopyPlace,
  options: CopyOptions,
  context: CopyContext,
): Promise<void> {
  if (from.kind !== 'container' && to.kind !== 'container') {
    throw copyImpossible('must specify at least one container source');
  }
  if (from.kind === 'stream') return await unpack(context.stdio.stdin, to, options, context);
  const source = await sourceOf(from, options, context);
  if (to.kind === 'stream') {
    await pipeline(await source.open(), context.stdio.stdout, { signal: context.signal, end: false });
    return;
  }
  const plan = planCopy(source, { path: slashes(to.path), kind: await kindOf(to, context) });
  const tar = await source.open();
  const renamed = Readable.from(renameRoot(tar, plan.name), { objectMode: false });
  try {
    await unpack(renamed, { ...to, path: plan.directory }, options, context);
  } finally {
    tar.destroy();
  }
}

interface Source {
  readonly path: string;
  readonly kind: 'directory' | 'other';
  open(): Promise<Readable>;
}

async function sourceOf(
  from: Exclude<CopyPlace, { kind: 'stream' }>,
  options: CopyOptions,
  context: CopyContext,
): Promise<Source> {
  const kind = await kindOf(from, context, options.followLink);
  if (kind === undefined) throw copyImpossible(nothingAt(from));
  const path = slashes(from.path);
  if (from.kind === 'local') {
    return { path, kind, open: async () => Readable.from(packLocal(from.path, options, context.signal)) };
  }
  return {
    path,
    kind,
    async open() {
      const client = await context.clientOf(from.machine);
      const target = options.followLink ? await linkTarget(client, from, context) : from.path;
      // Without "/." at its end, so that the archive has a root with a name.
      const bare = posix.join(target, '.').replace(/(.)\/$/, '$1');
      return await getArchive(client, from.container, bare, context.signal);
    },
  };
}

/** Docker says it in other words of files here than of those in a container. */
function nothingAt({ kind, path }: Exclude<CopyPlace, { kind: 'stream' }>): string {
  return kind === 'local'
    ? `lstat ${path}: no such file or directory`
    : `no such file or directory: "${path}"`;
}

async function unpack(
  tar: Readable,
  to: CopyPlace,
  options: CopyOptions,
  { clientOf, signal }: CopyContext,
): Promise<void> {
  if (to.kind === 'stream') return;
  if (to.kind === 'local') return await unpackLocal(tar, to.path, options, signal);
  const client = await clientOf(to.machine);
  const target = { path: to.path, copyUidGid: options.archive };
  await putArchive(client, to.container, tar, target, signal);
}

/** Of the target of a link: what is copied into is what it leads to. */
async function kindOf(
  place: Exclude<CopyPlace, { kind: 'stream' }>,
  context: CopyContext,
  followLink = true,
): Promise<FileKind> {
  if (place.kind === 'local') return await localKind(place.path);
  const client = await context.clientOf(place.machine);
  const path = followLink ? await linkTarget(client, place, context) : place.path;
  const found = await statFile(client, place.container, path, context.signal);
  return found && (isDirectory(found.mode) ? 'directory' : 'other');
}

async function linkTarget(
  client: EngineClient,
  place: ContainerPlace,
  { signal }: CopyContext,
): Promise<string> {
  const found = await statFile(client, place.container, place.path, signal);
  return found?.linkTarget ? found.linkTarget : place.path;
}

/** The highest bit of Go's file mode. */
function isDirectory(mode: number): boolean {
  return mode >= 2 ** 31;
}

function slashes(path: string): string {
  return process.platform === 'win32' ? path.replaceAll('\\', '/') : path;
}
