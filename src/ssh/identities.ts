import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../shared/errors.js';
import { sshIdentityUnusable, sshKeyProtected } from './errors.js';
import type { SshEndpoint } from './transport.js';

export interface Identity {
  readonly path: string;
  readonly privateKey: string;
}

export interface Identities {
  readonly keys: readonly Identity[];
  /** Those that are under a passphrase. */
  readonly locked: readonly Identity[];
  /** The socket of ssh-agent. */
  readonly agent: string | undefined;
}

export interface IdentitySources {
  readonly home: string;
  readonly agent: string | undefined;
}

/** The user's own, read anew at each call. */
export function userIdentitySources(): IdentitySources {
  return { home: homedir(), agent: process.env['SSH_AUTH_SOCK'] || undefined };
}

/**
 * What to log in with: the endpoint's key files, else the user's default ones; then ssh-agent, which also stands
 * in for keys under a passphrase. Without an agent, throws SSH_IDENTITY_UNUSABLE when no named file can be read,
 * and SSH_AUTHENTICATION_FAILED when passphrases are the only obstacle and nobody can be asked for them.
 */
export async function findIdentities(
  endpoint: SshEndpoint,
  sources: IdentitySources = userIdentitySources(),
  options: { readonly canAsk: boolean } = { canAsk: false },
): Promise<Identities> {
  const named = endpoint.identityFiles.length > 0;
  const paths = named ? endpoint.identityFiles : defaultIdentityFiles(sources.home);
  const files = await Promise.all(paths.map(readIdentity));
  const readable = files.filter((file) => 'privateKey' in file);
  const unreadable = files.find((file) => 'error' in file);
  if (named && readable.length === 0 && unreadable && sources.agent === undefined) {
    throw sshIdentityUnusable(unreadable.path, reason(unreadable.error), unreadable.error);
  }
  const keys = readable.filter(({ privateKey }) => !isProtected(privateKey));
  const locked = readable.filter(({ privateKey }) => isProtected(privateKey));
  if (keys.length === 0 && locked.length > 0 && sources.agent === undefined && !options.canAsk) {
    throw sshKeyProtected(
      endpoint,
      readable.map(({ path }) => path),
    );
  }
  return { keys, locked, agent: sources.agent };
}

function defaultIdentityFiles(home: string): readonly string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(home, '.ssh', name));
}

async function readIdentity(path: string): Promise<Identity | { path: string; error: unknown }> {
  try {
    return { path, privateKey: await readFile(path, 'utf8') };
  } catch (error) {
    return { path, error };
  }
}

function reason(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'you may not read it';
  return errorMessage(error);
}

/**
 * The wire form of the public half, which OpenSSH's own format has in the clear (PROTOCOL.key); undefined for other
 * formats.
 */
export function publicBlob({ privateKey }: Identity): Buffer | undefined {
  const body = /BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(privateKey)?.[1];
  if (body === undefined) return undefined;
  const content = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const text = () => {
    const length = at + 4 <= content.length ? content.readUInt32BE(at) : 0;
    at += 4 + length;
    return content.subarray(at - length, at);
  };
  for (const _ of ['cipher', 'key derivation', 'its options']) text();
  at += 4; // how many keys
  return text();
}

/** PEM says so in the clear; OpenSSH's own format names the cipher at a fixed place. */
function isProtected(privateKey: string): boolean {
  if (/^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY/m.test(privateKey)) return true;
  const body = /BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(privateKey)?.[1];
  if (body === undefined) return false;
  const content = Buffer.from(body, 'base64');
  const start = 'openssh-key-v1\0'.length + 4;
  return content.subarray(start, start + 'none'.length).toString('latin1') !== 'none';
}
