import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { systemErrorCode } from '../../../shared/errors.js';
import { toByteString } from '../../../shared/tar/tar-entry.js';
import { resolveInRoot } from '../../kernel/rooted-path.js';
import { isArchive } from '../copy/archive.js';
import { excludeMatcher, ignorePatterns } from '../copy/patterns.js';
import type { SourceTree } from '../copy/source-tree.js';
import { largestDockerfile } from '../dockerfile/limits.js';
import { buildInvalid, buildTooLarge, buildUnsupported } from '../errors.js';
import { downloadFile, isUrl } from './download.js';
import { cloneRepository, isGitUrl } from './git.js';
import { unpackContext } from './unpack-context.js';

export interface OpenContextOptions {
  /** An empty directory; the caller removes it. */
  readonly directory: string;
  readonly scratch: string;
  readonly remote: string | undefined;
  readonly dockerfile: string | undefined;
  readonly signal: AbortSignal;
}

export interface OpenedContext {
  readonly context: SourceTree;
  readonly dockerfile: string;
  readonly dockerfileName: string;
}

/**
 * Takes a context in: a tar from the client, or what a URL leads to (a git repository, a tar, a Dockerfile). A
 * Dockerfile that .dockerignore names is read, but not there for COPY. Throws BUILD_INVALID, BUILD_REMOTE_FAILED,
 * BUILD_TOO_LARGE, …
 */
export async function openContext(body: Readable, options: OpenContextOptions): Promise<OpenedContext> {
  const tree = await openTree(body, options);
  const { name, text } = await readDockerfile(tree.root, options.dockerfile);
  await removeIgnored(tree, name);
  return { context: tree, dockerfile: text, dockerfileName: name };
}

/** The same without a Dockerfile. */
export async function openTree(body: Readable, options: OpenContextOptions): Promise<SourceTree> {
  const { remote, signal, scratch } = options;
  const directory = join(options.directory, 'context');
  await mkdir(directory, { mode: 0o755 });
  if (remote === undefined) return await unpackContext(body, { directory, scratch, signal });
  body.resume(); // the client may send one all the same
  if (remote === 'client-session') throw buildUnsupported('a build context from a session');
  if (isGitUrl(remote)) return { root: await cloneRepository(remote, directory, { signal }) };
  if (!isUrl(remote))
    throw buildInvalid(`remotecontext: only git and http(s) URLs are supported: ${JSON.stringify(remote)}`);
  const file = await downloadFile(remote, options.directory, signal);
  if (await isArchive(file.path)) {
    return await unpackContext(createReadStream(file.path), { directory, scratch, signal });
  }
  await copyFile(file.path, join(directory, options.dockerfile ?? 'Dockerfile'));
  return { root: directory };
}

async function readDockerfile(
  root: string,
  given: string | undefined,
): Promise<{ name: string; text: string }> {
  const name = given ?? 'Dockerfile';
  const found =
    (await read(root, name)) ?? (given === undefined ? await read(root, 'dockerfile') : undefined);
  if (found === undefined) throw buildInvalid(`Cannot locate specified Dockerfile: ${name}`);
  return { name, text: found };
}

async function read(root: string, name: string): Promise<string | undefined> {
  const path = await resolveInRoot(root, name);
  const found = await stat(path).catch((error) => {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!found) return undefined;
  if (!found.isFile()) throw buildInvalid(`the Dockerfile (${name}) is not a file`);
  if (found.size > largestDockerfile) throw buildTooLarge(`the Dockerfile (${name})`, '2 MiB');
  return await readFile(path, 'utf8');
}

async function removeIgnored({ root, digests }: SourceTree, dockerfile: string): Promise<void> {
  const text = await read(root, '.dockerignore');
  if (text === undefined) return;
  const isIgnored = excludeMatcher(ignorePatterns(text));
  for (const name of [dockerfile, '.dockerignore']) {
    const clean = join('/', name).slice(1);
    if (!isIgnored(clean)) continue;
    await rm(await resolveInRoot(root, clean), { force: true });
    if (digests instanceof Map) digests.delete(toByteString(clean));
  }
}
