import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';

/** Reads `templates/<path>` and puts in the values of its `{{name}}` places. Throws for a place without a value. */
export async function renderTemplate(
  path: string,
  values: Readonly<Record<string, string>> = {},
): Promise<string> {
  const text = await readFile(join(packageRoot(), 'templates', path), 'utf8');
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`template ${path} has no value for "${name}"`);
    return value;
  });
}
