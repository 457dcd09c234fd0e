import { posix } from 'node:path';
import { copyImpossible } from '../errors.js';

/** What is at a path: undefined when nothing is. */
export type FileKind = 'directory' | 'other' | undefined;

export interface CopyPlan {
  /** The directory that is unpacked into. */
  readonly directory: string;
  /** What the copied thing is called there; "." for the content of a directory. */
  readonly name: string;
}

/**
 * Where `cp SOURCE TARGET` puts what it copies, by docker's rules: into a directory that is there, else under the name
 * that the target gives; "/." at the end of a source means its content. Slashes as separators. Throws COPY_IMPOSSIBLE.
 */
export function planCopy(
  source: { readonly path: string; readonly kind: 'directory' | 'other' },
  target: { readonly path: string; readonly kind: FileKind },
): CopyPlan {
  const isContent = /(^|\/)\.$/.test(source.path);
  const wantsDirectory = /\/\.?$/.test(target.path);
  const path = posix.normalize(target.path);
  if (target.kind === 'directory') {
    const isRoot = isContent || posix.normalize(source.path) === '/';
    return { directory: path, name: isRoot ? '.' : posix.basename(source.path) };
  }
  if (source.kind === 'directory' && target.kind === 'other') throw copyImpossible('cannot copy directory');
  if (wantsDirectory && source.kind !== 'directory') {
    throw copyImpossible(target.kind === 'other' ? 'not a directory' : 'no such directory');
  }
  const trimmed = path.replace(/(.)\/$/, '$1');
  return { directory: posix.dirname(trimmed), name: posix.basename(trimmed) };
}
