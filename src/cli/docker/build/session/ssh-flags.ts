import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import type { OpenSshAgent } from '../../../../build/session/ssh-forward.js';
import { errorMessage } from '../../../../shared/errors.js';
import { flagInvalid } from '../../errors.js';

/** An ID of an agent with the paths of its socket or keys; none: the agent of the environment. */
export interface SshSource {
  readonly id: string;
  readonly paths: readonly string[];
}

/** "default", "default=SOCKET", "ID=KEY,KEY". */
export function parseSshFlag(flag: string): SshSource {
  const [id = '', rest] = flag.split(/=(.*)/s);
  return { id, paths: rest === undefined ? [] : rest.split(',').filter(Boolean) };
}

/** What steps with --mount=type=ssh reach. Throws FLAG_INVALID. */
export async function openSshAgents(
  sources: readonly SshSource[],
  environment: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, OpenSshAgent>> {
  const agents = new Map<string, OpenSshAgent>();
  for (const source of sources) agents.set(source.id, await openerOf(source, environment));
  return agents;
}

async function openerOf({ id, paths }: SshSource, environment: NodeJS.ProcessEnv): Promise<OpenSshAgent> {
  const [first, ...more] = paths;
  if (first === undefined) {
    const socket = environment['SSH_AUTH_SOCK'];
    if (!socket) throw flagInvalid('--ssh', id, 'there is no ssh-agent: SSH_AUTH_SOCK is not set');
    return () => connected(socket);
  }
  const found = await stat(first).catch((error: unknown) => {
    throw flagInvalid('--ssh', `${id}=${first}`, errorMessage(error));
  });
  if (found.isSocket()) {
    if (more.length > 0) throw flagInvalid('--ssh', `${id}=${paths}`, 'name one socket, or files of keys');
    return () => connected(first);
  }
  return await keysOf(id, paths);
}

/** Keys are read at once: a mistake is told before anything is built. */
async function keysOf(id: string, paths: readonly string[]): Promise<OpenSshAgent> {
  const { serveKeys } = await import('../../../../ssh/ssh2-agent.js'); // few builds need ssh2
  const keys: string[] = [];
  for (const path of paths) {
    try {
      keys.push(await readFile(path, 'utf8'));
      serveKeys(keys.slice(-1)).destroy();
    } catch (error) {
      throw flagInvalid(
        '--ssh',
        `${id}=${path}`,
        `it is no private key that can be used: ${errorMessage(error)}`,
      );
    }
  }
  return async () => serveKeys(keys);
}

async function connected(path: string) {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}
