import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { errorMessage, isTsmachineError } from '../shared/errors.js';
import { runOrThrow } from '../shared/spawn.js';
import { contextInvalid } from './errors.js';

const cloneTimeoutMs = 10 * 60_000;

/** What docker takes for a repository: by its scheme, its host or the ".git" at its end. */
export function isGitUrl(text: string): boolean {
  return /^https?:\/\/.*\.git(?:#.*)?$/.test(text) || /^(?:git:\/\/|ssh:\/\/|github\.com\/|git@)/.test(text);
}

export interface Checkout extends AsyncDisposable {
  /** The directory that is the context. */
  readonly directory: string;
}

/**
 * One commit of "URL#REF:DIRECTORY", fetched with this computer's git and its credentials, without history where the
 * server can. Removed at disposal. Throws BUILD_CONTEXT_INVALID.
 */
export async function checkOut(source: string, signal: AbortSignal): Promise<Checkout> {
  const { url, reference, subdirectory } = parseGitUrl(source);
  const root = await realpath(await mkdtemp(join(tmpdir(), 'tsmachine-git-')));
  const dispose = () => rm(root, { recursive: true, force: true });
  try {
    await fetchInto(root, url, reference, signal);
    await rm(join(root, '.git'), { recursive: true, force: true });
    return { directory: await contextIn(root, subdirectory), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    signal.throwIfAborted();
    if (isTsmachineError(error) && error.code === 'BUILD_CONTEXT_INVALID') throw error;
    throw contextInvalid(
      `unable to 'git clone' to temporary context directory: ${errorMessage(error)}`,
      ['try "git ls-remote" with the same URL'],
      error,
    );
  }
}

async function fetchInto(root: string, url: string, reference: string, signal: AbortSignal): Promise<void> {
  const git = (...args: readonly string[]) =>
    runOrThrow(['git', '-C', root, ...args], {
      env: { ...process.env, GIT_ALLOW_PROTOCOL: 'git:http:https:ssh:file' },
      timeoutMs: cloneTimeoutMs,
      signal,
    });
  await git('init', '--quiet');
  await git('remote', 'add', 'origin', '--', url);
  try {
    await git('fetch', '--quiet', '--depth', '1', '--recurse-submodules=no', 'origin', '--', reference);
    await git('checkout', '--quiet', 'FETCH_HEAD');
  } catch {
    signal.throwIfAborted();
    // A server may give neither shallow histories nor commits by their ID alone.
    await git('fetch', '--quiet', '--tags', '--recurse-submodules=no', 'origin');
    await git('checkout', '--quiet', '--detach', reference);
  }
  await git('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
}

async function contextIn(root: string, subdirectory: string): Promise<string> {
  const directory = await realpath(join(root, subdirectory)).catch((cause) => {
    throw contextInvalid(`there is no directory "${subdirectory}" in the repository`, [], cause);
  });
  if (relative(root, directory).startsWith('..')) {
    throw contextInvalid(`the directory "${subdirectory}" leads out of the repository`);
  }
  return directory;
}

interface GitSource {
  readonly url: string;
  readonly reference: string;
  readonly subdirectory: string;
}

export function parseGitUrl(source: string): GitSource {
  const [url = '', fragment = ''] = source.split(/#(.*)/s);
  const [reference = '', subdirectory = ''] = fragment.split(/:(.*)/s);
  if (reference.startsWith('-')) throw contextInvalid(`invalid refspec: ${reference}`);
  return {
    url: url.startsWith('github.com/') ? `https://${url}` : url,
    reference: reference || 'HEAD',
    subdirectory,
  };
}
