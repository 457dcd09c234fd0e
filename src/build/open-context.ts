import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type BuildContext, localContext } from './context.js';
import { contextInvalid, stdinTwice } from './errors.js';
import { checkOut, isGitUrl } from './git-context.js';
import { download, streamContext } from './stream-context.js';

export interface ContextSource {
  /** A directory, a URL of a repository or an archive, or "-": stdin. */
  readonly place: string;
  /** As `--file` gives it; "-": stdin. Of a repository or an archive it is a path in there. */
  readonly dockerfile?: string | undefined;
  readonly stdin: Readable;
}

export interface OpenedContext extends BuildContext, AsyncDisposable {}

/**
 * The context that a build command names, to be sent by `buildImage`; what was fetched for it is removed at disposal.
 * Throws BUILD_CONTEXT_INVALID, BUILD_STDIN_TWICE, BUILD_CONTEXT_DOWNLOAD_FAILED.
 */
export async function openContext(source: ContextSource, signal: AbortSignal): Promise<OpenedContext> {
  const { place, dockerfile, stdin } = source;
  if (place === '-' && dockerfile === '-') throw stdinTwice();
  if (place === '-') return undisposed(await streamContext(stdin, dockerfile));
  const text = dockerfile === '-' ? await buffer(stdin) : undefined;
  if (isGitUrl(place)) return await repositoryContext(place, text ? undefined : dockerfile, text, signal);
  if (/^https?:\/\//i.test(place)) {
    if (text) throw contextInvalid(`the Dockerfile of "${place}" cannot come from stdin`);
    return undisposed(await streamContext(await download(place, signal), dockerfile));
  }
  return undisposed(await localContext(place, text ? { dockerfileText: text } : { dockerfile }));
}

async function repositoryContext(
  place: string,
  dockerfile: string | undefined,
  text: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<OpenedContext> {
  const checkout = await checkOut(place, signal);
  try {
    const inside = dockerfile === undefined ? undefined : join(checkout.directory, dockerfile);
    const context = await localContext(checkout.directory, { dockerfile: inside, dockerfileText: text });
    return { ...context, [Symbol.asyncDispose]: () => checkout[Symbol.asyncDispose]() };
  } catch (error) {
    await checkout[Symbol.asyncDispose]();
    throw error;
  }
}

function undisposed(context: BuildContext): OpenedContext {
  return { ...context, async [Symbol.asyncDispose]() {} };
}
