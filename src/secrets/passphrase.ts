import { readFile } from 'node:fs/promises';
import { passphraseFileUnreadable } from './errors.js';

/**
 * With which the file store encrypts: TSMACHINE_PASSPHRASE, else the first line of the file TSMACHINE_PASSPHRASE_FILE;
 * undefined where neither is set. Throws SECRET_PASSPHRASE_FILE_UNREADABLE.
 */
export async function passphraseFrom(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const given = environment['TSMACHINE_PASSPHRASE'];
  if (given) return given;
  const path = environment['TSMACHINE_PASSPHRASE_FILE'];
  if (!path) return undefined;
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw passphraseFileUnreadable(path, cause);
  });
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw passphraseFileUnreadable(path, new Error('its first line is empty'));
  return line;
}
