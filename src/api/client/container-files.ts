import type { IncomingMessage } from 'node:http';
import { containerPath } from './containers.js';
import type { EngineClient } from './engine-client.js';

/** All files as a tar, its body to come. The caller reads or destroys it. */
export async function exportContainer(
  client: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return client.request({ method: 'GET', path: `${containerPath(id)}/export`, signal, timeoutMs: Infinity });
}
