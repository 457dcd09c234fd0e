import type { Duplex } from 'node:stream';
import type { EngineClient } from '../../api/client/engine-client.js';
import { healthRequest, healthResponse, servingStatus } from '../../buildkit/wire/session.js';
import { type Method, type Methods, serveGrpc, unary } from '../../grpc/server.js';
import { randomId } from '../../shared/identifiers.js';

export interface BuildSession extends AsyncDisposable {
  readonly id: string;
}

/** What a build may ask this computer for, by the paths of the methods. */
export type SessionMethods = readonly (readonly [path: string, method: Method])[];

/**
 * Offers services to an engine until disposal: the connection is turned round, and the engine calls.
 * `sharedKey` is the same for builds of the same directory, so that the engine finds what it has of it.
 */
export async function openBuildSession(
  client: EngineClient,
  { sharedKey, methods }: { readonly sharedKey: string; readonly methods: SessionMethods },
  signal: AbortSignal,
): Promise<BuildSession> {
  const id = randomId().slice(0, 25);
  const offered: Methods = new Map([...methods, ['/grpc.health.v1.Health/Check', health]]);
  const headers = {
    'x-docker-expose-session-uuid': id,
    'x-docker-expose-session-name': 'tsmachine',
    'x-docker-expose-session-sharedkey': sharedKey,
    'X-Docker-Expose-Session-Grpc-Method': [...offered.keys()],
  };
  const connection = await client.hijack({ method: 'POST', path: '/session', headers, signal }, 'h2c');
  const served = serveGrpc(connection, offered);
  return { id, [Symbol.asyncDispose]: () => end(connection, served) };
}

/** The engine asks now and then whether anybody is there, and ends the session if not. */
const health = unary(healthRequest, healthResponse, async () => ({ status: servingStatus }));

async function end(connection: Duplex, served: Promise<void>): Promise<void> {
  connection.destroy();
  await served;
}
