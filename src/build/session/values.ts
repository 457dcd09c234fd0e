import {
  credentialsRequest,
  credentialsResponse,
  secretRequest,
  secretResponse,
} from '../../buildkit/wire/session.js';
import { GrpcError, grpcCode } from '../../grpc/errors.js';
import { unary } from '../../grpc/server.js';
import type { SessionMethods } from './build-session.js';

/** How this side logs in to a registry: a token has no name with it. */
export interface RegistryLogin {
  readonly username: string;
  readonly secret: string;
}

/** Logins for images that the build begins with, asked for by the host of the registry. */
export function authMethods(login: (host: string) => Promise<RegistryLogin | undefined>): SessionMethods {
  const credentials = unary(credentialsRequest, credentialsResponse, async ({ Host }) => {
    const found = await login(Host);
    return { Username: found?.username ?? '', Secret: found?.secret ?? '' };
  });
  return [['/moby.filesync.v1.Auth/Credentials', credentials]];
}

/** Secrets by their IDs, read when a step first needs them. */
export function secretMethods(secrets: ReadonlyMap<string, () => Promise<Uint8Array>>): SessionMethods {
  const getSecret = unary(secretRequest, secretResponse, async ({ ID }) => {
    const read = secrets.get(ID);
    if (!read)
      throw new GrpcError({ code: grpcCode.notFound, message: `secret ${ID}: not found`, details: [] });
    return { data: await read() };
  });
  return [['/moby.buildkit.secrets.v1.Secrets/GetSecret', getSecret]];
}
