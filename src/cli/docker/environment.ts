import { readFile } from 'node:fs/promises';
import { envFileInvalid, fileUnreadable, flagInvalid } from './errors.js';

/**
 * `--env-file` and `--env` as `Config.Env`: files first, so that a flag wins. A bare NAME takes its value from
 * the given environment, and is left out when it has none there. Throws ENV_FILE_INVALID, FILE_UNREADABLE,
 * FLAG_INVALID.
 */
export async function readEnvironment(
  files: readonly string[],
  flags: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const fromFiles: string[] = [];
  for (const path of files) fromFiles.push(...parseEnvFile(path, await readText(path), environment));
  return [...fromFiles, ...flags.flatMap((flag) => parseEnvFlag(flag, environment))];
}

/** `--label-file`: lines of KEY[=VALUE]. Throws ENV_FILE_INVALID, FILE_UNREADABLE. */
export async function readLabelFiles(files: readonly string[]): Promise<readonly string[]> {
  const labels: string[] = [];
  for (const path of files) {
    const lines = (await readText(path))
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((line) => line.trimStart());
    labels.push(...lines.filter((line) => line !== '' && !line.startsWith('#')));
  }
  return labels;
}

/** Lines of NAME=VALUE or NAME; nothing is unquoted or expanded; empty lines and lines with # are left out. */
export function parseEnvFile(path: string, text: string, environment: NodeJS.ProcessEnv): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const name = line.split('=', 1)[0] ?? '';
      if (name === '') throw envFileInvalid(path, `no variable name in "${line}"`);
      if (/\s/.test(name)) throw envFileInvalid(path, `variable "${name}" contains whitespace`);
      return withValue(line, environment);
    });
}

function parseEnvFlag(flag: string, environment: NodeJS.ProcessEnv): readonly string[] {
  if (flag === '' || flag.startsWith('=')) throw flagInvalid('--env', flag, 'the name is empty');
  return withValue(flag, environment);
}

function withValue(entry: string, environment: NodeJS.ProcessEnv): readonly string[] {
  if (entry.includes('=')) return [entry];
  const value = environment[entry];
  return value === undefined ? [] : [`${entry}=${value}`];
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause) => {
    throw fileUnreadable(path, cause);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw envFileInvalid(path, 'it is not UTF-8');
  }
}
