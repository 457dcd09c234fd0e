import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { systemErrorCode } from '../../shared/errors.js';
import { generateKeyPair } from '../../ssh/key-pair.js';
import type { OperationContext } from '../driver.js';
import { driverOptionInvalid } from '../errors.js';
import { DescribeKeyPairsCommand, type Ec2, ImportKeyPairCommand, unless } from './client.js';
import { notFound } from './errors.js';
import type { Ec2Options } from './options.js';
import { type Labels, tagSpecifications } from './tags.js';

export interface LoginKey {
  readonly identityFile: string;
  readonly publicKey: string;
}

/** Throws DRIVER_OPTION_INVALID for a key file that is of no use, EC2_NOT_FOUND for a key pair that is not there. */
export async function checkLoginKey(ec2: Ec2, options: Ec2Options): Promise<void> {
  const file = options['ssh-keypath'];
  if (file !== undefined) await readKeyFiles(file);
  const name = options['keypair-name'];
  if (name === undefined) return;
  const request = new DescribeKeyPairsCommand({ KeyNames: [name] });
  if (await unless(['InvalidKeyPair.NotFound'], ec2.send(request))) return;
  throw notFound('keypair-name', name, ec2.region, 'leave it out to have the key imported');
}

/** A new key in the machine's directory, or a copy of the one that the user named. */
export async function makeLoginKey(options: Ec2Options, name: string, directory: string): Promise<LoginKey> {
  const file = options['ssh-keypath'];
  const identityFile = join(directory, file === undefined ? 'id_ed25519' : 'id_ssh');
  const key = file === undefined ? await generateKeyPair(`tsmachine-${name}`) : await readKeyFiles(file);
  await writeFileAtomically(identityFile, key.privateKey, 0o600);
  await writeFileAtomically(`${identityFile}.pub`, `${key.publicKey}\n`, 0o644);
  return { identityFile, publicKey: key.publicKey };
}

/** Under the owner tag as name. Succeeds when it is there: the name is this machine's alone. */
export async function importKeyPair(
  ec2: Ec2,
  publicKey: string,
  labels: Labels,
  _context: OperationContext,
): Promise<void> {
  await unless(
    ['InvalidKeyPair.Duplicate'],
    ec2.send(
      new ImportKeyPairCommand({
        KeyName: labels.ownerTag,
        PublicKeyMaterial: Buffer.from(publicKey),
        TagSpecifications: tagSpecifications(labels, ['key-pair']),
      }),
    ),
  );
}

async function readKeyFiles(file: string): Promise<{ privateKey: string; publicKey: string }> {
  const path = file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
  const invalid = (reason: string, hint?: string) =>
    driverOptionInvalid('ec2-ssh-keypath', file, reason, hint);
  const privateKey = await readFile(path, 'utf8').catch((error) => {
    throw invalid(`cannot be read: ${systemErrorCode(error) ?? 'unknown error'}`);
  });
  if (!/^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/m.test(privateKey)) throw invalid('is not a private key');
  const publicKey = await readFile(`${path}.pub`, 'utf8').catch(() => {
    const hint = `make it with "ssh-keygen -y -f ${file} >${file}.pub"`;
    throw invalid('has no public half beside it', hint);
  });
  return { privateKey, publicKey: publicKey.trim() };
}
