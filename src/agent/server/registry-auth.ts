import type { IncomingHttpHeaders } from 'node:http';
import { type DecodedBy, object, text } from '../../api/decode.js';
import { invalidParameter } from './errors.js';

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
}

const authConfig = object({
  username: text,
  password: text,
  auth: text,
  identitytoken: text,
  registrytoken: text,
});

/** X-Registry-Auth: base64url of moby's AuthConfig. Undefined when there is nothing in it. */
export function readRegistryAuth(header: IncomingHttpHeaders[string]): RegistryAuth | undefined {
  if (typeof header !== 'string' || header === '') return undefined;
  const config = decode(header);
  const { username, password, identitytoken, registrytoken } = config;
  if (!username && !identitytoken && !registrytoken) return undefined;
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...(identitytoken && { identityToken: identitytoken }),
    ...(registrytoken && { registryToken: registrytoken }),
  };
}

/** The message never quotes the header: it holds a password. */
function decode(header: string): DecodedBy<typeof authConfig> {
  try {
    return authConfig(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')), '') ?? {};
  } catch {
    throw invalidParameter('invalid X-Registry-Auth header');
  }
}
