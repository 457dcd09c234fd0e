import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { isJsonObject, type JsonObject } from '../shared/json.js';

const deriveKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** About 0.1 s and 32 MiB a try (RFC 7914, section 2). */
const cost = { N: 2 ** 15, r: 8, p: 1 };

/** The value in a box that only the passphrase opens, and only under this name. */
export async function encrypt(name: string, value: string, passphrase: string): Promise<JsonObject> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt, cost), nonce);
  cipher.setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return {
    cipher: 'aes-256-gcm',
    kdf: { name: 'scrypt', ...cost, salt: salt.toString('base64') },
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
}

/** Throws a TypeError for what is no such box, and node:crypto's error for another passphrase or name. */
export async function decrypt(name: string, box: JsonObject, passphrase: string): Promise<string> {
  const { cipher, kdf } = box;
  if (cipher !== 'aes-256-gcm' || !isJsonObject(kdf) || kdf['name'] !== 'scrypt')
    throw new TypeError('unknown cipher');
  const { N, r, p } = kdf;
  if (N !== cost.N || r !== cost.r || p !== cost.p) throw new TypeError('unknown cost'); // it could be any amount of work
  const key = await keyOf(passphrase, bytes(kdf['salt']), cost);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(box['nonce']), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(name));
  decipher.setAuthTag(bytes(box['tag']));
  return Buffer.concat([decipher.update(bytes(box['data'])), decipher.final()]).toString('utf8');
}

function keyOf(passphrase: string, salt: Buffer, { N, r, p }: typeof cost): Promise<Buffer> {
  return deriveKey(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: 2 * 128 * N * r });
}

function bytes(value: unknown): Buffer {
  if (typeof value !== 'string') throw new TypeError('not base64');
  return Buffer.from(value, 'base64');
}
