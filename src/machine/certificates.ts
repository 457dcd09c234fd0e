import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { writeFileAtomically } from '../shared/atomic-file.js';
import { systemErrorCode } from '../shared/errors.js';
import { lockFile } from '../shared/file-lock.js';
import { authorityKeyMissing } from './errors.js';

/** PEM texts of a certificate and its private key. */
export interface IssuedPair {
  readonly certificate: string;
  readonly key: string;
}

/** What is needed of X.509; `pki/authority.ts` is it. */
export interface CertificateIssuer {
  createAuthority(commonName: string): Promise<IssuedPair>;
  issueServerCertificate(
    authority: IssuedPair,
    subject: { readonly commonName: string; readonly names: readonly string[] },
  ): Promise<IssuedPair>;
  issueClientCertificate(
    authority: IssuedPair,
    subject: { readonly commonName: string },
  ): Promise<IssuedPair>;
}

export interface ClientMaterial {
  readonly authority: IssuedPair;
  readonly client: IssuedPair;
}

/** How much of a certificate's life may pass before it is made anew where that is no trouble. */
const renewAfter = 2 / 3;

export interface Expiry {
  /** The first of the machine's certificates to expire; milliseconds since the epoch. */
  readonly expiresAt: number;
  /** So much of its life is over that starting or provisioning the machine makes it anew. */
  readonly isDue: boolean;
}

/** The storage's CA and client pair, and the copies and server pairs in the machines' directories. */
export class Certificates {
  readonly #directory: string;
  readonly #issuer: () => Promise<CertificateIssuer>;
  #material: Promise<ClientMaterial> | undefined;

  /** `issuer` is loaded only when something must be issued. */
  constructor(directory: string, issuer: () => Promise<CertificateIssuer>) {
    this.#directory = directory;
    this.#issuer = issuer;
  }

  /** Made once, whatever number of processes asks at the same time. Throws AUTHORITY_KEY_MISSING. */
  ensure(signal?: AbortSignal): Promise<ClientMaterial> {
    this.#material ??= this.#ensure(signal).catch((error) => {
      this.#material = undefined;
      throw error;
    });
    return this.#material;
  }

  async #ensure(signal: AbortSignal | undefined): Promise<ClientMaterial> {
    const ready = await this.#read();
    if (ready) return ready;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await using _lock = await lockFile(join(this.#directory, '.lock'), { timeoutMs: 30_000, signal });
    return (await this.#read()) ?? (await this.#make());
  }

  /** Copies of CA and client pair, since DOCKER_CERT_PATH is a machine's directory. */
  async installInto(machineDirectory: string, material: ClientMaterial): Promise<void> {
    await writeIfChanged(join(machineDirectory, 'ca.pem'), material.authority.certificate);
    await writeIfChanged(join(machineDirectory, 'cert.pem'), material.client.certificate);
    await writeIfChanged(join(machineDirectory, 'key.pem'), material.client.key);
  }

  /** A client pair under an authority of its own, whose key is thrown away: it opens what trusts that authority. */
  async foreignClient(who: string): Promise<{ readonly authority: string; readonly client: IssuedPair }> {
    const issuer = await this.#issuer();
    const authority = await issuer.createAuthority(who);
    const client = await issuer.issueClientCertificate(authority, { commonName: who });
    return { authority: authority.certificate, client };
  }

  /** Makes the client pair anew though it is valid. What is installed elsewhere stays valid, the CA being the same. */
  async renewClient(signal?: AbortSignal): Promise<ClientMaterial> {
    await this.ensure(signal);
    await using _lock = await lockFile(join(this.#directory, '.lock'), { timeoutMs: 30_000, signal });
    const made = await this.#make();
    this.#material = Promise.resolve(made);
    return made;
  }

  /** Of the certificates in a machine's directory; undefined where there is no client's, or a damaged one. */
  async expiry(machineDirectory: string): Promise<Expiry | undefined> {
    const [server, client, authority] = await Promise.all(
      ['server.pem', 'cert.pem', 'ca.pem'].map((file) => readLife(join(machineDirectory, file))),
    );
    if (!client || !authority) return undefined;
    const leaves = server ? [server, client] : [client];
    return {
      expiresAt: Math.min(...[...leaves, authority].map(({ notAfter }) => notAfter)),
      isDue: leaves.some(isOld),
    };
  }

  /** The pair kept in the machine's directory while it is valid for all the names; otherwise, or to renew, a new one. */
  async serverPair(
    machineDirectory: string,
    commonName: string,
    names: readonly string[],
    material: ClientMaterial,
    options: { readonly renew?: boolean } = {},
  ): Promise<IssuedPair> {
    const paths = {
      certificate: join(machineDirectory, 'server.pem'),
      key: join(machineDirectory, 'server-key.pem'),
    };
    const kept = await readPair(paths.certificate, paths.key);
    if (kept && !options.renew && isValidFor(kept, names, material.authority)) return kept;
    const issuer = await this.#issuer();
    const made = await issuer.issueServerCertificate(material.authority, { commonName, names });
    await writeFileAtomically(paths.key, made.key);
    await writeFileAtomically(paths.certificate, made.certificate);
    return made;
  }

  async #read(): Promise<ClientMaterial | undefined> {
    const [authority, client] = await Promise.all([
      readPair(this.#path('ca.pem'), this.#path('ca-key.pem')),
      readPair(this.#path('cert.pem'), this.#path('key.pem')),
    ]);
    if (!authority || !client || !isValidFor(client, [], authority)) return undefined;
    return { authority, client };
  }

  async #make(): Promise<ClientMaterial> {
    const issuer = await this.#issuer();
    const authority = await this.#authority(issuer);
    const client = await issuer.issueClientCertificate(authority, { commonName: 'tsmachine client' });
    await writeFileAtomically(this.#path('key.pem'), client.key);
    await writeFileAtomically(this.#path('cert.pem'), client.certificate);
    return { authority, client };
  }

  /** The key is written before the certificate: a CA without its key is never our own half-done work. */
  async #authority(issuer: CertificateIssuer): Promise<IssuedPair> {
    const kept = await readPair(this.#path('ca.pem'), this.#path('ca-key.pem'));
    if (kept) return kept;
    if ((await readText(this.#path('ca.pem'))) !== undefined)
      throw authorityKeyMissing(this.#path('ca-key.pem'));
    const made = await issuer.createAuthority('tsmachine CA');
    await writeFileAtomically(this.#path('ca-key.pem'), made.key);
    await writeFileAtomically(this.#path('ca.pem'), made.certificate);
    return made;
  }

  #path(file: string): string {
    return join(this.#directory, file);
  }
}

async function readPair(certificatePath: string, keyPath: string): Promise<IssuedPair | undefined> {
  const [certificate, key] = await Promise.all([readText(certificatePath), readText(keyPath)]);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

async function writeIfChanged(path: string, content: string): Promise<void> {
  if ((await readText(path)) !== content) await writeFileAtomically(path, content);
}

function isValidFor(pair: IssuedPair, names: readonly string[], authority: IssuedPair): boolean {
  try {
    const certificate = new X509Certificate(pair.certificate);
    return (
      !isOld({ notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) }) &&
      certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
      names.every((name) => covers(certificate, name))
    );
  } catch {
    return false; // damaged: made anew
  }
}

interface Life {
  readonly notBefore: number;
  readonly notAfter: number;
}

async function readLife(path: string): Promise<Life | undefined> {
  try {
    const { validFrom, validTo } = new X509Certificate((await readText(path)) ?? '');
    return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
  } catch {
    return undefined;
  }
}

function isOld({ notBefore, notAfter }: Life): boolean {
  return Date.now() > notBefore + (notAfter - notBefore) * renewAfter;
}

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
}
