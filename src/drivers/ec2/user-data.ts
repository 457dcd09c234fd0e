import { readFile } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/errors.js';
import { driverOptionInvalid } from '../errors.js';
import { userDataTogether, userDataType } from '../user-data.js';

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
  const own = cloudConfig(identity);
  const text = given === undefined ? own : userDataTogether(own, given, typeOf(given, file));
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

function typeOf(text: string, file: string): string {
  const type = userDataType(text);
  if (type !== undefined) return type;
  const hint = 'begin it with #cloud-config or #!/bin/sh';
  throw driverOptionInvalid('ec2-userdata', file, 'is in no format of cloud-init', hint);
}
