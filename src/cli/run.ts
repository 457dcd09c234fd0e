import { Config, flush, run } from '@oclif/core';
import { packageRoot } from '../shared/package-root.js';
import { commandWords, isHelpWanted, normalizeArgv } from './argv.js';
import type { CommandShape } from './command-shape.js';
import { hoistComposeOptions } from './compose/leading-options.js';
import { renderError } from './error-output.js';
import { exitCodeOf, oclifExitCode } from './exit-code.js';
import { LeanConfig } from './lean-config.js';
import { findOwnCommand } from './own-commands.js';

/** Runs a command line; resolves with the exit code when all output is written. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    if (!(await runOwnCommand(argv))) await runThroughOclif(argv);
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

/** A command line that names one of our commands needs nothing of what oclif finds out at its start. */
async function runOwnCommand(argv: readonly string[]): Promise<boolean> {
  const command = await findOwnCommand(commandWords(argv));
  if (!command) return false;
  const { id, Class, shape } = command;
  const words = normalizeArgv(argv, (name) => (name === id ? shape : undefined));
  if (isHelpWanted(words)) return false;
  await new Class(words.slice(id.split(':').length), new LeanConfig()).start();
  return true;
}

/** Help, topics, what is no command, and the commands of plugins. */
async function runThroughOclif(argv: readonly string[]): Promise<void> {
  const config = await Config.load({ root: packageRoot() });
  const find = (id: string): CommandShape | undefined => config.findCommand(id);
  await run([...normalizeArgv(hoistComposeOptions(argv), find)], config);
}
