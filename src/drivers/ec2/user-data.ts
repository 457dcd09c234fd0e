import { readFile } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/errors.js';
import { driverOptionInvalid } from '../errors.js';

export interface HostIdentity {
  readonly hostname: string;
  /** A line for authorized_keys. */
  readonly authorizedKey: string;
  /** OpenSSH's format; ed25519. */
  readonly hostPrivateKey: string;
  readonly hostPublicKey: string;
}

/** Of the decoded text (EC2 User Guide, "Run commands when you launch an EC2 instance"). */
const maximumBytes = 16_384;

/**
 * What cloud-init reads at the first boot: the name, the key to log in with, and the host key by which the host is
 * known from its creation; beside it, in a MIME archive, what the user gave. Throws DRIVER_OPTION_INVALID.
 */
export function userData(identity: HostIdentity, given: string | undefined, file = ''): string {
  const text = given === undefined ? cloudConfig(identity) : archive(cloudConfig(identity), given);
  if (Buffer.byteLength(text) <= maximumBytes) return text;
  const reason = `makes ${Buffer.byteLength(text)} bytes of user data, and ${maximumBytes} are possible`;
  throw driverOptionInvalid('ec2-userdata', file, reason, 'fetch the larger part from elsewhere');
}

/** Throws DRIVER_OPTION_INVALID. */
export async function readUserData(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error) => {
    const reason = systemErrorCode(error) ?? 'unknown error';
    throw driverOptionInvalid('ec2-userdata', file, `cannot be read: ${reason}`);
  });
}

/** JSON is YAML, and needs no rules of quoting of its own. */
function cloudConfig({ hostname, authorizedKey, hostPrivateKey, hostPublicKey }: HostIdentity): string {
  const config = {
    hostname,
    preserve_hostname: false,
    ssh_authorized_keys: [authorizedKey],
    ssh_deletekeys: true,
    ssh_genkeytypes: ['ed25519'],
    ssh_keys: { ed25519_private: hostPrivateKey, ed25519_public: hostPublicKey },
  };
  return `#cloud-config\n${JSON.stringify(config, null, 1)}\n`;
}

/** The merge type keeps ours where both say something, and appends to lists (cloud-init, "Merging user data sections"). */
function archive(own: string, given: string): string {
  const boundary = 'tsmachine-user-data';
  const part = (headers: readonly string[], body: string) =>
    `--${boundary}\n${[...headers, 'MIME-Version: 1.0'].join('\n')}\n\n${body}\n`;
  const isArchive = /^(content-type|mime-version):/i.test(given);
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n`,
    part(['Content-Type: text/cloud-config; charset="utf-8"'], own),
    isArchive
      ? `--${boundary}\n${given}\n`
      : part(
          [
            `Content-Type: ${typeOf(given)}; charset="utf-8"`,
            'Merge-Type: list(append)+dict(no_replace,recurse_list)+str()',
          ],
          given,
        ),
    `--${boundary}--\n`,
  ].join('');
}

/** By the first line, as cloud-init does (user data formats). */
function typeOf(text: string): string {
  const types: readonly (readonly [begin: string, type: string])[] = [
    ['#cloud-config', 'text/cloud-config'],
    ['#!', 'text/x-shellscript'],
    ['#include-once', 'text/x-include-once-url'],
    ['#include', 'text/x-include-url'],
    ['#cloud-boothook', 'text/cloud-boothook'],
    ['## template: jinja', 'text/jinja2'],
  ];
  return types.find(([begin]) => text.startsWith(begin))?.[1] ?? 'text/plain';
}
