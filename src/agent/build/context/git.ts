import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../../shared/errors.js';
import { resolveInRoot } from '../../kernel/rooted-path.js';
import { runOrThrow } from '../../kernel/spawn.js';
import { buildInvalid, remoteFailed } from '../errors.js';

const cloneTimeoutMs = 10 * 60_000;

/** As moby's urlutil.IsGitURL. */
export function isGitUrl(text: string): boolean {
  return /^https?:\/\/.*\.git(?:#.*)?$/.test(text) || /^(?:git:\/\/|github\.com\/|git@)/.test(text);
}

export interface CloneOptions {
  readonly signal: AbortSignal;
  readonly keepGitDirectory?: boolean;
  /** That it must be, or how it must begin. */
  readonly commit?: string | undefined;
}

/**
 * Fetches one commit of a repository ("URL#REF:DIRECTORY") with the host's git, without its history, and answers
 * the directory that is the context. Throws BUILD_REMOTE_FAILED.
 */
export async function cloneRepository(
  remote: string,
  directory: string,
  { signal, keepGitDirectory = false, commit }: CloneOptions,
): Promise<string> {
  const { url, reference, subdirectory } = parseRemote(remote);
  const git = (...args: readonly string[]) =>
    runOrThrow(['git', '-C', directory, ...args], {
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'git:http:https:ssh' },
      timeoutMs: cloneTimeoutMs,
      signal,
    });
  try {
    await git('init', '--quiet');
    await git('fetch', '--quiet', '--depth', '1', '--recurse-submodules=no', '--', url, reference);
    if (commit !== undefined) {
      const fetched = (await git('rev-parse', 'FETCH_HEAD')).stdout.trim();
      if (!fetched.startsWith(commit))
        throw new Error(`expected checksum to match ${commit}, got ${fetched}`);
    }
    await git('checkout', '--quiet', 'FETCH_HEAD');
    await git('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
  } catch (error) {
    signal.throwIfAborted();
    throw remoteFailed(url, errorMessage(error), { cause: error });
  }
  if (!keepGitDirectory) await rm(join(directory, '.git'), { recursive: true, force: true });
  return await resolveInRoot(directory, subdirectory);
}

function parseRemote(remote: string): { url: string; reference: string; subdirectory: string } {
  const hash = remote.indexOf('#');
  const url = hash < 0 ? remote : remote.slice(0, hash);
  const [reference = '', subdirectory = ''] = hash < 0 ? [] : remote.slice(hash + 1).split(':');
  if (reference.startsWith('-')) throw buildInvalid(`invalid refspec: ${reference}`);
  return {
    url: url.startsWith('github.com/') ? `https://${url}` : url,
    reference: reference || 'HEAD',
    subdirectory,
  };
}
