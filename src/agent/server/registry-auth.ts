import type { IncomingHttpHeaders } from 'node:http';
import { type DecodedBy, type Decoder, map, object, text } from '../../api/decode.js';
import { invalidParameter } from './errors.js';
import type { ApiRequest } from './route.js';

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
  serveraddress: text,
});

/** X-Registry-Auth: base64url of moby's AuthConfig. Undefined when there is nothing in it. */
export function readRegistryAuth(header: IncomingHttpHeaders[string]): RegistryAuth | undefined {
  if (typeof header !== 'string' || header === '') return undefined;
  return credentialsOf(decode(header));
}

/** X-Registry-Config: the same for several registries, by their names as in docker's config.json. */
export function readRegistryConfig(header: IncomingHttpHeaders[string]): ReadonlyMap<string, RegistryAuth> {
  if (typeof header !== 'string' || header === '') return new Map();
  const configs = decodeJson(header, map(authConfig), 'X-Registry-Config') ?? {};
  return new Map(
    Object.entries(configs).flatMap(([registry, config]) => {
      const credentials = credentialsOf(config);
      return credentials ? [[registry, credentials] as const] : [];
    }),
  );
}

/** The body of POST /auth. */
export async function readLogin(
  request: Pick<ApiRequest, 'json'>,
): Promise<{ readonly server: string; readonly credentials: RegistryAuth }> {
  const config = (await request.json(authConfig)) ?? {};
  return { server: config.serveraddress ?? '', credentials: credentialsOf(config) ?? {} };
}

function credentialsOf(config: DecodedBy<typeof authConfig>): RegistryAuth | undefined {
  const { username, password, identitytoken, registrytoken } = config;
  if (!username && !identitytoken && !registrytoken) return undefined;
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...(identitytoken && { identityToken: identitytoken }),
    ...(registrytoken && { registryToken: registrytoken }),
  };
}

function decode(header: string): DecodedBy<typeof authConfig> {
  return decodeJson(header, authConfig, 'X-Registry-Auth') ?? {};
}

/** The message never quotes the header: it holds a password. */
function decodeJson<T>(header: string, decoder: Decoder<T>, name: string): T | undefined {
  try {
    return decoder(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')), '');
  } catch {
    throw invalidParameter(`invalid ${name} header`);
  }
}
