import { errorMessage, isTsmachineError, systemErrorCode } from '../shared/errors.js';
import type { JsonObject } from '../shared/json.js';
import { oclifExitCode } from './exit-code.js';

/** The message, and below it one line for each hint; with `debug` the code and the stacks of all causes. */
export function renderError(error: unknown, options: { readonly debug: boolean }): string {
  const { message, hints } = describe(error);
  const lines = [message, ...hints.map((hint) => `  › ${hint}`)];
  if (options.debug) lines.push(...details(error));
  return `${lines.join('\n')}\n`;
}

/** What `--json` prints instead of a result. */
export function errorJson(error: unknown): JsonObject {
  const { message, hints } = describe(error);
  const known = isTsmachineError(error) ? error : undefined;
  const usage = oclifExitCode(error) === undefined ? undefined : { code: 'USAGE', kind: 'invalid-argument' };
  const code = known?.code ?? usage?.code ?? 'UNEXPECTED';
  const kind = known?.kind ?? usage?.kind ?? 'internal';
  return { error: { code, kind, message, hints } };
}

function describe(error: unknown): { readonly message: string; readonly hints: readonly string[] } {
  if (isTsmachineError(error)) return { message: error.message, hints: error.hints };
  const noSpace = systemErrorCode(error) === 'ENOSPC';
  if (noSpace) return { message: errorMessage(error), hints: ['make room on that disk and try again'] };
  // oclif ends its usage errors with a line of its own, which is a hint.
  const [message, ...rest] = errorMessage(error).trim().split('\nSee more help with ');
  return {
    message: message ?? '',
    hints: rest.length > 0 ? ['run the command with --help to see what it takes'] : [],
  };
}

function details(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = isTsmachineError(cause) ? `[${cause.code}, ${cause.kind}] ` : '';
    lines.push(`${code}${cause.stack ?? cause.message}`);
  }
  return lines;
}
