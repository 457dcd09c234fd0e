import { settleAll } from '../../shared/settle-all.js';
import { formatRows } from '../format-template.js';

export interface Inspected {
  readonly found: readonly object[];
  readonly failures: readonly unknown[];
  /** What docker prints of what was found: an indented array, or a line for each by the template. */
  readonly text: string;
}

/** Asks for each name, whether the others are there or not. Throws FORMAT_INVALID. */
export async function inspectAll(
  names: readonly string[],
  format: string | undefined,
  ask: (name: string) => Promise<object>,
): Promise<Inspected> {
  const results = await settleAll(names, 16, ask);
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const text =
    format === undefined || format === 'json'
      ? jsonText(found, format)
      : formatRows(format, found, { lenient: true });
  return { found, failures, text };
}

function jsonText(found: readonly object[], format: string | undefined): string {
  return `${JSON.stringify(found, null, format === undefined ? 4 : 0)}\n`;
}
