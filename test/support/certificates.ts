import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrThrow } from '../../src/shared/spawn.js';

export interface Pair {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A CA with a server pair for 127.0.0.1 and a client pair, made by openssl in the directory. */
export async function makeCertificates(
  directory: string,
): Promise<{ readonly server: Pair; readonly client: Pair }> {
  const at = (name: string) => join(directory, name);
  await openssl('req', '-x509', ...newKey(at('ca-key.pem')), '-out', at('ca.pem'), '-subj', '/CN=test CA');
  const issue = async (name: string, extension: string): Promise<Pair> => {
    await openssl(
      'req',
      '-x509',
      ...newKey(at(`${name}-key.pem`)),
      ...['-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-out', at(`${name}.pem`)],
      ...['-subj', `/CN=${name}`, '-addext', extension, '-addext', 'basicConstraints=critical,CA:FALSE'],
    );
    const [ca, cert, key] = await Promise.all(
      ['ca.pem', `${name}.pem`, `${name}-key.pem`].map((file) => readFile(at(file), 'utf8')),
    );
    return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
  };
  return {
    server: await issue('server', 'subjectAltName=IP:127.0.0.1'),
    client: await issue('client', 'extendedKeyUsage=clientAuth'),
  };
}

function newKey(path: string): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2', '-keyout', path];
}

async function openssl(...args: readonly string[]): Promise<void> {
  await runOrThrow(['openssl', ...args]);
}
