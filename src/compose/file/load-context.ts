import path from 'node:path';
import { isTsmachineError, type TsmachineError } from '../../shared/errors.js';
import { composeInvalid } from '../errors.js';
import type { FailAt } from './interpolate.js';
import type { Path } from './path.js';
import type { Lookup } from './template.js';
import type { YamlDocument } from './yaml-file.js';

/** What reading Compose files needs and collects. */
export interface LoadContext {
  /** Absolute; what relative paths are relative to. */
  readonly workingDirectory: string;
  readonly lookup: Lookup;
  readonly warn: (message: string) => void;
  /** The text of a file, or of standard input for `-`. Throws COMPOSE_FILE_UNREADABLE. */
  readonly readText: (file: string) => Promise<string>;
  readonly interpolate: boolean;
  /** What relative paths are made relative to in the end: the working directory, or undefined to leave them alone. */
  readonly pathBase: string | undefined;
  /** Every document read so far, for the places of errors. */
  readonly documents: YamlDocument[];
}

/** Fails at the value's place in this document. */
export function failIn(document: YamlDocument): FailAt {
  return (at, message) => composeInvalid(place(document, at), message);
}

/** Fails at the place that says most of the path, the last one of several. */
export function failAnywhere(
  documents: readonly YamlDocument[],
  at: Path,
  message: string,
  hints: readonly string[] = [],
): TsmachineError {
  const found = documents.toReversed().map((document) => ({ document, ...document.locate(at) }));
  const best = found.toSorted((a, b) => b.depth - a.depth)[0];
  return composeInvalid(best === undefined ? 'compose file' : place(best.document, at), message, hints);
}

/** Reads files that another file names: when they cannot be read, the error says where they are named. */
export async function named<T>(reading: Promise<T>, fail: (message: string) => Error): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const unreadable = isTsmachineError(error) && error.code === 'COMPOSE_FILE_UNREADABLE';
    throw unreadable ? fail(error.message) : error;
  }
}

/** How a file is called in messages: relative where it is in the current directory. */
export function fileTitle(file: string): string {
  if (file === '-') return 'standard input';
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

function place(document: YamlDocument, at: Path): string {
  const { line, column } = document.locate(at);
  return `${document.file}:${line}:${column}`;
}
