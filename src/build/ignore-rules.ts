import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { systemErrorCode } from '../shared/errors.js';
import { contextUnreadable } from './errors.js';

/** What of a context is left out. Paths are relative to it, with slashes. */
export interface IgnoreRules {
  ignores(path: string): boolean;
  /** Whether something below an ignored directory may be wanted all the same ("!dir/file"). */
  mayKeepBelow(directory: string): boolean;
}

export const ignoreNothing: IgnoreRules = { ignores: () => false, mayKeepBelow: () => true };

/**
 * The rules of the first of these files that is there. `always` are paths which the builder itself reads: they are
 * sent even when a rule leaves them out.
 */
export async function readIgnoreRules(
  files: readonly string[],
  always: readonly string[],
): Promise<IgnoreRules> {
  for (const file of files) {
    const text = await readIfThere(file);
    if (text !== undefined) return ignoreRules(text, always);
  }
  return ignoreNothing;
}

/** The rules in the text of a .dockerignore file. */
export function ignoreRules(text: string, always: readonly string[] = []): IgnoreRules {
  const clean = text.replace(/^\uFEFF/, '');
  const matcher = dockerignore.default({ ignorecase: false }).add(clean);
  const kept = new Set(always.map((path) => posix.normalize(path)));
  const exceptions = clean
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith('!'))
    .map((line) => posix.normalize(line.slice(1).trim()).replace(/^\/|\/$/g, ''));
  const wanted = [...exceptions, ...kept];
  return {
    ignores: (path) => !kept.has(path) && matcher.ignores(path),
    mayKeepBelow: (directory) => wanted.some((path) => canBeBelow(path, directory)),
  };
}

/** Compares part by part as far as both go; a part with a wildcard may be anything. */
function canBeBelow(pattern: string, directory: string): boolean {
  const parts = pattern.split('/');
  for (const [at, name] of directory.split('/').entries()) {
    const part = parts[at];
    if (part === undefined || part === '**') return true;
    if (part !== name && !/[*?[\\]/.test(part)) return false;
  }
  return true;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw contextUnreadable(file, error);
  }
}
