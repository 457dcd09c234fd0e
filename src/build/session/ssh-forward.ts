import type { Duplex } from 'node:stream';
import { nothing } from '../../buildkit/wire/control.js';
import { bytesMessage, checkAgentRequest } from '../../buildkit/wire/session.js';
import { streaming, unary } from '../../grpc/server.js';
import { sshAgentUnknown } from '../errors.js';
import type { SessionMethods } from './build-session.js';

/** Opens a connection to an ssh-agent. */
export type OpenSshAgent = () => Promise<Duplex>;

const service = '/moby.sshforward.v1.SSH';

/** Agents by the IDs that steps name; "default" where one names none. Keys never leave them. */
export function sshMethods(agents: ReadonlyMap<string, OpenSshAgent>): SessionMethods {
  const agent = (id: string): OpenSshAgent => {
    const found = agents.get(id || 'default');
    if (!found) throw sshAgentUnknown(id || 'default');
    return found;
  };
  const check = unary(checkAgentRequest, nothing, async ({ ID }) => {
    agent(ID);
    return {};
  });
  const forward = streaming(bytesMessage, bytesMessage, async (stream, { headers, signal }) => {
    const id = headers['buildkit.ssh.id'];
    const socket = await agent(typeof id === 'string' ? id : '')();
    const leave = (): void => void socket.destroy();
    socket.on('error', leave);
    signal.addEventListener('abort', leave, { once: true });
    const asking = (async () => {
      for await (const { data } of stream.requests) socket.write(data);
      socket.end();
    })();
    asking.catch(leave);
    try {
      for await (const data of socket as AsyncIterable<Buffer>) await stream.send({ data });
    } finally {
      leave();
    }
  });
  return [
    [`${service}/CheckAgent`, check],
    [`${service}/ForwardAgent`, forward],
  ];
}
