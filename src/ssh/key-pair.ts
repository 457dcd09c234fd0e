import { generateKeyPair as generate, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

export interface SshKeyPair {
  /** OpenSSH's private key format (PROTOCOL.key), without a passphrase; goes into a 0600 file. */
  readonly privateKey: string;
  /** One line for authorized_keys, with the comment. */
  readonly publicKey: string;
}

const type = 'ssh-ed25519';

/** A new ed25519 key. */
export async function generateKeyPair(comment: string): Promise<SshKeyPair> {
  const { privateKey } = await promisify(generate)('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const seed = Buffer.from(jwk.d ?? '', 'base64url');
  const point = Buffer.from(jwk.x ?? '', 'base64url');
  const blob = Buffer.concat([text(type), text(point)]);
  return {
    privateKey: armour(privateKeyFile(blob, Buffer.concat([seed, point]), point, comment)),
    publicKey: `${type} ${blob.toString('base64')} ${comment}`,
  };
}

/** Layout of openssh-key-v1: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function privateKeyFile(blob: Buffer, secret: Buffer, point: Buffer, comment: string): Buffer {
  const check = randomBytes(4);
  const key = Buffer.concat([check, check, text(type), text(point), text(secret), text(comment)]);
  const padding = Buffer.from(Array.from({ length: -key.length & 7 }, (_, index) => index + 1));
  return Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'), // cipher
    text('none'), // key derivation
    text(''),
    uint32(1),
    text(blob),
    text(Buffer.concat([key, padding])),
  ]);
}

function armour(content: Buffer): string {
  const lines = content.toString('base64').replace(/.{70}(?=.)/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** A string of the SSH protocol: length, then bytes (RFC 4251, section 5). */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
