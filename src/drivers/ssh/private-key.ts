import { copyFile, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { systemErrorCode } from '../../shared/errors.js';
import { driverOptionInvalid } from '../errors.js';

/** Reads the key that the user named. Throws DRIVER_OPTION_INVALID when it is not there or no private key. */
export async function readPrivateKey(file: string): Promise<string> {
  const text = await readFile(expandHome(file), 'utf8').catch((error) => {
    throw driverOptionInvalid(
      'ssh-key',
      file,
      `cannot be read: ${systemErrorCode(error) ?? 'unknown error'}`,
    );
  });
  if (/^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/m.test(text)) return text;
  throw driverOptionInvalid(
    'ssh-key',
    file,
    'is not a private key',
    'name the key itself, not its .pub or certificate',
  );
}

/** A copy of the machine's own (0600), with the public half where there is one. Returns its name there. */
export async function copyPrivateKey(file: string, directory: string): Promise<string> {
  const name = 'id_ssh';
  const copy = join(directory, name);
  await writeFileAtomically(copy, await readPrivateKey(file), 0o600);
  await copyFile(`${expandHome(file)}.pub`, `${copy}.pub`).catch((error) => {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  });
  return name;
}

function expandHome(file: string): string {
  return file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
}
