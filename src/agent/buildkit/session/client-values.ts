import {
  credentialsRequest,
  credentialsResponse,
  secretRequest,
  secretResponse,
} from '../../../buildkit/wire/session.js';
import { GrpcError, grpcCode } from '../../../grpc/errors.js';
import type { Session } from './sessions.js';

/** What a client answers from its memory or a helper program. */
const answerMs = 60_000;

/** How the client logs in to a registry, by its name as in docker's config.json; undefined when it does not. */
export async function credentialsOf(
  session: Session,
  registry: string,
  signal: AbortSignal,
): Promise<
  { readonly username?: string; readonly password?: string; readonly identityToken?: string } | undefined
> {
  const method = '/moby.filesync.v1.Auth/Credentials';
  if (!session.supports(method)) return undefined;
  const Host = registry === 'https://index.docker.io/v1/' ? 'registry-1.docker.io' : registry;
  const { Username, Secret } = await session.client.unary(
    method,
    { request: credentialsRequest, response: credentialsResponse },
    { Host },
    { signal: withDeadline(signal) },
  );
  if (Secret === '') return undefined;
  return Username === '' ? { identityToken: Secret } : { username: Username, password: Secret };
}

/** Undefined when the client has no secret of this name. */
export async function secretOf(
  session: Session,
  ID: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const method = '/moby.buildkit.secrets.v1.Secrets/GetSecret';
  if (!session.supports(method)) return undefined;
  try {
    const { data } = await session.client.unary(
      method,
      { request: secretRequest, response: secretResponse },
      { ID },
      { signal: withDeadline(signal) },
    );
    return Buffer.from(data);
  } catch (error) {
    if (error instanceof GrpcError && error.status.code === grpcCode.notFound) return undefined;
    throw error;
  }
}

export function withDeadline(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
}
