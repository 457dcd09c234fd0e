import { Config, flush, run } from '@oclif/core';
import { packageRoot } from '../shared/package-root.js';
import { type CommandShape, normalizeArgv } from './argv.js';
import { renderError } from './error-output.js';
import { exitCodeOf, oclifExitCode } from './exit-code.js';

/** Runs a command line through oclif; resolves with the exit code when all output is written. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    const config = await Config.load({ root: packageRoot() });
    const find = (id: string): CommandShape | undefined => config.findCommand(id);
    await run([...normalizeArgv(argv, find)], config);
    await flush();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    await flush().catch(() => {});
    // A command has printed its own error; what is left comes from oclif itself.
    const printed = error instanceof Error && 'code' in error && error.code === 'EEXIT';
    if (!printed) process.stderr.write(renderError(error, { debug: false }));
    return printed ? (oclifExitCode(error) ?? 1) : exitCodeOf(error);
  }
}
