import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileUnreadable } from '../errors.js';

/** Reads files as text, each once; `-` is standard input. Throws COMPOSE_FILE_UNREADABLE. */
export function textReader(
  stdin: NodeJS.ReadableStream,
  signal: AbortSignal,
): (file: string) => Promise<string> {
  const read = new Map<string, Promise<string>>();
  return (file) => {
    const known = read.get(file) ?? readText(file, stdin, signal);
    read.set(file, known);
    return known;
  };
}

async function readText(file: string, stdin: NodeJS.ReadableStream, signal: AbortSignal): Promise<string> {
  if (file === '-') return text(stdin);
  try {
    return await readFile(file, { encoding: 'utf8', signal });
  } catch (error) {
    signal.throwIfAborted();
    throw fileUnreadable(file, 'file', error);
  }
}
