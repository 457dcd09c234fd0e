import { access } from 'node:fs/promises';
import path from 'node:path';
import { composeFileNotFound } from '../errors.js';
import type { Lookup } from '../file/template.js';

const names = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export interface FileSources {
  /** `-f`, `-` for standard input. */
  readonly given: readonly string[];
  readonly environment: Lookup;
  /** Absolute; where the search begins. */
  readonly directory: string;
  readonly currentDirectory: string;
  readonly warn: (message: string) => void;
}

/**
 * The Compose files: those of `-f`, else of COMPOSE_FILE, else the first directory upwards that has one, with its
 * override. Absolute paths. Throws COMPOSE_FILE_NOT_FOUND.
 */
export async function findFiles(sources: FileSources): Promise<readonly string[]> {
  const { given, environment, currentDirectory } = sources;
  const listed = given.length > 0 ? given : listedIn(environment);
  if (listed.length > 0) {
    return listed.map((file) => (file === '-' ? file : path.resolve(currentDirectory, file)));
  }
  for (let directory = sources.directory; ; directory = path.dirname(directory)) {
    const file = await firstOf(names, 'config', directory, sources);
    if (file !== undefined) {
      const override = await firstOf(overrideNames, 'override', directory, sources);
      return override === undefined ? [file] : [file, override];
    }
    if (directory === path.dirname(directory)) throw composeFileNotFound(sources.directory);
  }
}

function listedIn(environment: Lookup): readonly string[] {
  const list = environment('COMPOSE_FILE');
  return list ? list.split(environment('COMPOSE_PATH_SEPARATOR') || path.delimiter) : [];
}

async function firstOf(
  candidates: readonly string[],
  kind: 'config' | 'override',
  directory: string,
  { warn }: FileSources,
): Promise<string | undefined> {
  const files = candidates.map((name) => path.join(directory, name));
  const there = await Promise.all(files.map(exists));
  const found = files.filter((_, index) => there[index]);
  if (found.length > 1) {
    warn(`Found multiple ${kind} files with supported names: ${found.join(', ')}`);
    warn(`Using ${found[0]}`);
  }
  return found[0];
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
