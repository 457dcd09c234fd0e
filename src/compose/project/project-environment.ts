import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isOn } from '../file/boolean.js';
import { readEnvFiles } from '../file/env-files.js';

export interface EnvironmentSources {
  /** The shell's. */
  readonly shell: Readonly<Record<string, string | undefined>>;
  /** `--env-file`. */
  readonly envFiles: readonly string[];
  readonly workingDirectory: string;
  readonly currentDirectory: string;
  readonly warn: (message: string) => void;
  readonly readText: (file: string) => Promise<string>;
}

/**
 * What variables are interpolated from: the shell's environment before the env files, of which a later one comes before
 * an earlier one. Those are the ones of `--env-file`, else of COMPOSE_ENV_FILES, else `.env` of the working directory.
 */
export async function projectEnvironment(sources: EnvironmentSources): Promise<Record<string, string>> {
  const { shell, warn, readText } = sources;
  const lookup = (name: string) => shell[name];
  const variables = await readEnvFiles(await envFiles(sources), { lookup, warn, readText });
  const present = Object.entries(shell).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(variables), ...Object.fromEntries(present) };
}

async function envFiles({
  shell,
  envFiles: given,
  workingDirectory,
  currentDirectory,
}: EnvironmentSources): Promise<readonly string[]> {
  const listed = given.length > 0 ? given : (shell['COMPOSE_ENV_FILES'] ?? '').split(',').filter(Boolean);
  if (listed.length > 0) return listed.map((file) => path.resolve(currentDirectory, file));
  if (isOn(shell['COMPOSE_DISABLE_ENV_FILE'])) return [];
  const file = path.join(workingDirectory, '.env');
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? [file] : [];
}
