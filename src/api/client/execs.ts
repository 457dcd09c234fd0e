import type { Duplex } from 'node:stream';
import type { TerminalSize } from '../../shared/terminal-size.js';
import type { EngineClient } from './engine-client.js';
import type { ExecCreateRequest, ExecInspect } from './types.js';

/** The ID of a command that is prepared in a running container. */
export async function createExec(
  client: EngineClient,
  containerId: string,
  body: ExecCreateRequest,
  signal?: AbortSignal,
): Promise<string> {
  const path = `/containers/${encodeURIComponent(containerId)}/exec`;
  const { Id } = await client.json<{ readonly Id: string }>({ method: 'POST', path, body, signal });
  return Id;
}

/** Starts it with its streams on the returned connection, framed unless it has a terminal. */
export async function startExec(
  client: EngineClient,
  id: string,
  tty: boolean,
  signal?: AbortSignal,
): Promise<Duplex> {
  const body = { Detach: false, Tty: tty };
  return client.hijack({ method: 'POST', path: `/exec/${id}/start`, body, signal });
}

export async function startDetachedExec(
  client: EngineClient,
  id: string,
  tty: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const body = { Detach: true, Tty: tty };
  await client.json({ method: 'POST', path: `/exec/${id}/start`, body, signal });
}

export async function resizeExec(client: EngineClient, id: string, size: TerminalSize): Promise<void> {
  const query = { h: size.rows, w: size.columns };
  await client.json({ method: 'POST', path: `/exec/${id}/resize`, query });
}

export async function inspectExec(
  client: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<ExecInspect> {
  return client.json({ method: 'GET', path: `/exec/${id}/json`, signal });
}
