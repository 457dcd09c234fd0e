import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

let root: string | undefined;

/** The directory of this package's package.json, whether the code runs from its sources or from a bundle. */
export function packageRoot(): string {
  root ??= findPackageRoot(import.meta.dirname);
  return root;
}

function findPackageRoot(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    const manifest = join(directory, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'tsmachine')
      return directory;
    if (directory === dirname(directory)) throw new Error(`no package.json of tsmachine above "${start}"`);
  }
}
