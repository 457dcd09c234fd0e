/**
 * The rows are the files of bench/rows/, in the order of their names. Each exports by default:
 *
 *   name     for --only
 *   title    for the table
 *   unit     of its samples
 *   rounds   pairs of samples to take
 *   warmUp   false when a first run is no different from the others
 *   enginesOnly   false for a row that is about commands and not about engines: podman has none
 *   begin({ ours, theirs, hosts })   prepares, and answers { ours, theirs, end }: functions that take one sample
 *            each, and one that clears up
 *
 * `ours` and `theirs` are engines: see bench/engine.mjs.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export async function loadRows(only) {
  const directory = join(import.meta.dirname, 'rows');
  const files = (await readdir(directory)).filter((file) => file.endsWith('.mjs')).sort();
  const rows = await Promise.all(files.map(async (file) => (await import(join(directory, file))).default));
  const unknown = only?.find((name) => !rows.some((row) => row.name === name));
  if (unknown) {
    throw new Error(`no row "${unknown}"; there are: ${rows.map((row) => row.name).join(', ')}`);
  }
  return rows.filter((row) => only?.includes(row.name) ?? true);
}
