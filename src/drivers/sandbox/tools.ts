import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandOptions, type CommandResult, run, runOrThrow } from '../../shared/spawn.js';

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Administrators' tools are often not on PATH; no locale, since their output is read. */
export const toolEnvironment: NodeJS.ProcessEnv = { PATH: systemPath, LC_ALL: 'C' };

const deadlineMs = 20_000;

export async function findTool(name: string): Promise<string | undefined> {
  for (const directory of systemPath.split(':')) {
    const file = join(directory, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

/** Whatever the exit code; for questions. */
export async function askTool(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return run(argv, { env: toolEnvironment, timeoutMs: deadlineMs, ...options });
}

/** Throws COMMAND_FAILED with the tool's words. */
export async function runTool(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runOrThrow(argv, { env: toolEnvironment, timeoutMs: deadlineMs, ...options });
}
