import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { TsmachineError } from '../shared/errors.js';

/** A service's PATH often lacks these. */
const alsoIn = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/usr/libexec/podman',
];

/** The path of the first of the programs that is installed. Throws PROGRAM_MISSING. */
export async function findProgram(...names: readonly string[]): Promise<string> {
  const directories = [...(process.env['PATH'] ?? '').split(':').filter(Boolean), ...alsoIn];
  for (const name of names) {
    for (const directory of directories) {
      const path = join(directory, name);
      if (await isExecutable(path)) return path;
    }
  }
  throw new TsmachineError('unavailable', 'PROGRAM_MISSING', `cannot find "${names.join('" or "')}"`, {
    hints: [`install the package "${names[0]}" of this host's distribution`],
  });
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
