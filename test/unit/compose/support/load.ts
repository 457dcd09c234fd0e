import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Project } from '../../../../src/compose/model/project.js';
import {
  type LoadOptions,
  loadProject,
  type ProjectSources,
} from '../../../../src/compose/project/load-project.js';
import { isTsmachineError, type TsmachineError } from '../../../../src/shared/errors.js';

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory of files by their relative paths; removed after the tests of the file. */
export function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'compose-')));
  made.push(directory);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return directory;
}

export interface Loaded {
  readonly project: Project;
  readonly warnings: readonly string[];
  readonly directory: string;
}

interface LoadSetup extends Partial<ProjectSources>, Omit<LoadOptions, 'signal' | 'warn'> {}

/** The error with which these files are refused, and their directory. */
export async function failure(
  files: Readonly<Record<string, string>> | string,
  setup: LoadSetup = {},
): Promise<{ readonly error: TsmachineError; readonly directory: string }> {
  const directory = directoryOf(typeof files === 'string' ? { 'compose.yaml': files } : files);
  const error: unknown = await load({}, { currentDirectory: directory, ...setup }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isTsmachineError(error)) throw new Error(`it did not fail as it should: ${error}`);
  return { error, directory };
}

/** Loads the project of these files; a single text is compose.yaml. */
export async function load(
  files: Readonly<Record<string, string>> | string,
  setup: LoadSetup = {},
): Promise<Loaded> {
  const directory = directoryOf(typeof files === 'string' ? { 'compose.yaml': files } : files);
  const warnings: string[] = [];
  const sources: ProjectSources = {
    ...{ files: [], profiles: [], envFiles: [], services: [], environment: {}, projectName: 'shop' },
    ...{ currentDirectory: directory, stdin: Readable.from([]) },
    ...setup,
  };
  const warn = (message: string) => warnings.push(message);
  const project = await loadProject(sources, { ...setup, warn, signal: new AbortController().signal });
  return { project, warnings, directory };
}
