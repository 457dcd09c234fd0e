import { randomBytes } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { systemErrorCode } from '../shared/errors.js';
import { contextInvalid } from './errors.js';
import { readIgnoreRules } from './ignore-rules.js';
import { type ExtraFile, packDirectory, packFiles } from './pack-context.js';

/** What `POST /build` gets: a tar, and the name of the Dockerfile in it. */
export interface BuildContext {
  /** Read once. */
  readonly tar: AsyncIterable<Buffer>;
  /** Undefined: the engine's choice. */
  readonly dockerfile: string | undefined;
  /** It is a compressed tar already. */
  readonly isCompressed: boolean;
}

export interface LocalContextOptions {
  /** A path: relative to the working directory, or to nothing. */
  readonly dockerfile?: string | undefined;
  /** The Dockerfile itself, instead of a file. */
  readonly dockerfileText?: Uint8Array | undefined;
}

/**
 * A directory as a context, without what .dockerignore (or DOCKERFILE.dockerignore beside the Dockerfile) names.
 * A Dockerfile that is not in the directory is sent along under a name of its own.
 * Throws BUILD_CONTEXT_INVALID; reading the tar throws BUILD_CONTEXT_UNREADABLE, BUILD_CONTEXT_CHANGED.
 */
export async function localContext(
  directory: string,
  options: LocalContextOptions = {},
): Promise<BuildContext> {
  const root = await contextDirectory(directory);
  const dockerfile = options.dockerfileText
    ? { inside: undefined, text: options.dockerfileText, path: undefined }
    : await findDockerfile(root, options.dockerfile);
  const extra: readonly ExtraFile[] = dockerfile.text
    ? [{ name: `.dockerfile.${randomBytes(10).toString('hex')}`, content: dockerfile.text }]
    : [];
  const name = extra[0]?.name ?? dockerfile.inside ?? 'Dockerfile';
  const ignoreFiles = [
    ...(dockerfile.path === undefined ? [] : [`${dockerfile.path}.dockerignore`]),
    join(root, '.dockerignore'),
  ];
  const rules = await readIgnoreRules(ignoreFiles, [name, '.dockerignore']);
  return { tar: packDirectory(root, rules, extra), dockerfile: name, isCompressed: false };
}

/** A context of nothing but a Dockerfile. */
export function dockerfileContext(text: Uint8Array): BuildContext {
  const tar = packFiles([{ name: 'Dockerfile', content: text }]);
  return { tar, dockerfile: 'Dockerfile', isCompressed: false };
}

/** The real path. Throws BUILD_CONTEXT_INVALID. */
export async function contextDirectory(directory: string): Promise<string> {
  const full = resolve(directory);
  try {
    const root = await realpath(full);
    if (!(await stat(root)).isDirectory()) throw contextInvalid(`context must be a directory: ${full}`);
    return root;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw contextInvalid(`path "${directory}" not found`, ['name a directory, a URL, or - for stdin'], error);
  }
}

export interface FoundDockerfile {
  /** Its name in the context, with slashes; undefined when it is outside. */
  readonly inside: string | undefined;
  /** Its content, where it is outside. */
  readonly text: Uint8Array | undefined;
  readonly path: string;
}

/** `given` is relative to the working directory, or to nothing. Throws BUILD_CONTEXT_INVALID. */
export async function findDockerfile(root: string, given: string | undefined): Promise<FoundDockerfile> {
  const wanted = given ?? (await defaultName(root));
  const written = given === undefined ? join(root, wanted) : resolve(given);
  try {
    // Its directory may be a link into the context; the name itself stays as it was written.
    const path = join(await realpath(dirname(written)), written.slice(dirname(written).length));
    await stat(path);
    const inside = relative(root, path);
    const isInside =
      inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
    if (isInside) return { inside: inside.split(sep).join('/'), text: undefined, path };
    return { inside: undefined, text: await readFile(path), path };
  } catch (error) {
    if (!isMissing(error)) throw error;
    const why = `unable to evaluate symlinks in Dockerfile path: lstat ${written}: no such file or directory`;
    throw contextInvalid(why, ['name the Dockerfile with --file'], error);
  }
}

/** "dockerfile" is taken when there is no "Dockerfile". */
async function defaultName(root: string): Promise<string> {
  for (const name of ['Dockerfile', 'dockerfile']) {
    if (
      await stat(join(root, name)).then(
        () => true,
        () => false,
      )
    )
      return name;
  }
  return 'Dockerfile';
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
}
