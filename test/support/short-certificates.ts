import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueServerCertificate } from '../../src/pki/authority.js';

/** Begins five minutes ago, as all of ours do: most of a life of six minutes is over, and it is valid still. */
export const agedDays = 6 / (24 * 60);

/** Puts a server pair that lives so long into a machine's directory, of the store's own authority. */
export async function shortenCertificate(
  storage: string,
  machine: string,
  names: readonly string[],
  days: number,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const certificates = join(storage, 'certs');
  const read = (file: string) => readFile(join(certificates, file), 'utf8');
  const authority = { certificate: await read('ca.pem'), key: await read('ca-key.pem') };
  const pair = await issueServerCertificate(authority, { commonName: machine, names }, days);
  const directory = join(storage, 'machines', machine);
  await writeFile(join(directory, 'server.pem'), pair.certificate);
  await writeFile(join(directory, 'server-key.pem'), pair.key);
  return pair;
}
