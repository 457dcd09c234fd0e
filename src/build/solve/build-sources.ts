import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { randomId } from '../../shared/identifiers.js';
import { contextDirectory, findDockerfile } from '../context.js';
import { contextInvalid, stdinTwice } from '../errors.js';
import { checkOut, isGitUrl } from '../git-context.js';
import type { ContextSource } from '../open-context.js';
import { uploadHost } from '../session/upload.js';
import { download, readStream } from '../stream-context.js';
import { DirectorySource } from '../sync/directory-source.js';
import { MemorySource } from '../sync/memory-source.js';
import type { SyncSource } from '../sync/sync-source.js';

/** What a build begins with, as BuildKit's Dockerfile front end is told it. */
export interface BuildSources extends AsyncDisposable {
  readonly attributes: Readonly<Record<string, string>>;
  /** By the names that the front end asks for. */
  readonly directories: ReadonlyMap<string, SyncSource>;
  readonly uploads: ReadonlyMap<string, AsyncIterable<Uint8Array>>;
  /** The same at the next build of the same place. */
  readonly place: string;
}

/**
 * The context that a build command names, with its Dockerfile; what was fetched for it is removed at disposal.
 * Throws BUILD_CONTEXT_INVALID, BUILD_STDIN_TWICE, BUILD_CONTEXT_DOWNLOAD_FAILED.
 */
export async function openSources(source: ContextSource, signal: AbortSignal): Promise<BuildSources> {
  const { place, dockerfile, stdin } = source;
  if (place === '-' && dockerfile === '-') throw stdinTwice();
  if (place === '-') return await streamSources(stdin, place, dockerfile);
  const text = dockerfile === '-' ? await buffer(stdin) : undefined;
  if (isGitUrl(place)) return await repositorySources(place, text ? undefined : dockerfile, text, signal);
  if (/^https?:\/\//i.test(place)) {
    if (text) throw contextInvalid(`the Dockerfile of "${place}" cannot come from stdin`);
    return await streamSources(await download(place, signal), place, dockerfile);
  }
  return await directorySources(await contextDirectory(place), text ? undefined : dockerfile, text);
}

async function directorySources(
  root: string,
  dockerfile: string | undefined,
  text: Uint8Array | undefined,
): Promise<BuildSources> {
  const found = text ? undefined : await findDockerfile(root, dockerfile);
  const filename = found ? basename(found.path) : 'Dockerfile';
  const directory = found ? new DirectorySource(dirname(found.path)) : new MemorySource(filename, text);
  return {
    attributes: { filename },
    directories: new Map<string, SyncSource>([
      ['context', new DirectorySource(root)],
      ['dockerfile', directory],
    ]),
    ...{ uploads: new Map(), place: root },
    async [Symbol.asyncDispose]() {},
  };
}

async function repositorySources(
  place: string,
  dockerfile: string | undefined,
  text: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<BuildSources> {
  const checkout = await checkOut(place, signal);
  const dispose = () => checkout[Symbol.asyncDispose]();
  try {
    const inside = dockerfile === undefined ? undefined : join(checkout.directory, dockerfile);
    const sources = await directorySources(checkout.directory, inside, text);
    return { ...sources, place, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** An archive is uploaded as it is; anything else is a Dockerfile without a context. */
async function streamSources(
  stream: AsyncIterable<Buffer>,
  place: string,
  dockerfile: string | undefined,
): Promise<BuildSources> {
  const found = await readStream(stream);
  const filename = dockerfile ?? 'Dockerfile';
  const rest = { place, async [Symbol.asyncDispose]() {} };
  if (found.archive) {
    const path = `/${randomId()}`;
    const attributes = { filename, context: `${uploadHost}${path}` };
    return { attributes, directories: new Map(), uploads: new Map([[path, found.archive]]), ...rest };
  }
  const directories = new Map([
    ['context', new MemorySource()],
    ['dockerfile', new MemorySource('Dockerfile', found.text)],
  ]);
  return { attributes: { filename: 'Dockerfile' }, directories, uploads: new Map(), ...rest };
}
