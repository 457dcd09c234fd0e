import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { nothing } from '../../../buildkit/wire/control.js';
import { bytesMessage, checkAgentRequest } from '../../../buildkit/wire/session.js';
import { GrpcError } from '../../../grpc/errors.js';
import { randomId } from '../../../shared/identifiers.js';
import type { AgentSocket } from '../../build/exec/request.js';
import { withDeadline } from './client-values.js';
import type { Session } from './sessions.js';

const service = '/moby.sshforward.v1.SSH';

/** A socket of this host that leads to an agent of the client's; undefined when it forwards none of this name. */
export async function forwardAgent(
  session: Session,
  id: string,
  runDirectory: string,
  signal: AbortSignal,
): Promise<AgentSocket | undefined> {
  if (!session.supports(`${service}/CheckAgent`)) return undefined;
  try {
    const types = { request: checkAgentRequest, response: nothing };
    await session.client.unary(`${service}/CheckAgent`, types, { ID: id }, { signal: withDeadline(signal) });
  } catch (error) {
    if (error instanceof GrpcError) return undefined;
    throw error;
  }
  const directory = join(runDirectory, 'tmp', randomId().slice(0, 12)); // a socket's path is short
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'agent');
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    forward(session, id, socket, signal).catch(() => socket.destroy());
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(path, listening.resolve);
  await listening.promise;
  return {
    path,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function forward(session: Session, id: string, socket: Socket, signal: AbortSignal): Promise<void> {
  using call = session.client.stream(
    `${service}/ForwardAgent`,
    { request: bytesMessage, response: bytesMessage },
    { metadata: { 'buildkit.ssh.id': id }, signal },
  );
  const sending = (async () => {
    for await (const data of socket as AsyncIterable<Buffer>) await call.send({ data });
    call.end();
  })();
  sending.catch(() => socket.destroy());
  for await (const { data } of call.responses) socket.write(data);
  socket.end();
  await sending;
}
