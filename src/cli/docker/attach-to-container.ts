import type { Duplex } from 'node:stream';
import {
  attachContainer,
  inspectContainer,
  killContainer,
  resizeContainer,
  startContainer,
  waitContainer,
} from '../../api/client/containers.js';
import type { ContainerInspect } from '../../api/client/types.js';
import { detachKeysText } from './detach-keys.js';
import { attachRefused, inputNotTerminal, leftByKeys, waitFailed } from './errors.js';
import { followTerminalSize } from './follow-size.js';
import type { AttachContext } from './run-container.js';
import { proxySignals } from './signal-proxy.js';
import { runSession } from './stdio-session.js';

export interface AttachRequest {
  readonly container: string;
  /** Send this process's input, if the container was made to take any. */
  readonly stdin: boolean;
  readonly sigProxy: boolean;
  readonly detachKeys: Buffer;
  /** Start it, once it is attached. */
  readonly start: boolean;
}

/**
 * Joins this terminal with a container, which runs or is started. Resolves with its exit code. The detach keys leave it
 * running: that is 0 when it was started, else DETACHED is thrown, as docker has it. Throws ATTACH_REFUSED,
 * INPUT_NOT_TERMINAL.
 */
export async function attachToContainer(context: AttachContext, request: AttachRequest): Promise<number> {
  const { client, signal, stdio } = context;
  const found = await inspectContainer(client, request.container, signal);
  if (!request.start) assertAttachable(found);
  const stdin = request.stdin && found.Config.OpenStdin === true;
  if (found.Config.Tty && stdin && !stdio.stdin.isTTY) throw inputNotTerminal();
  const streams = { stdin, stdout: true, stderr: true, detachKeys: detachKeysText(request.detachKeys) };
  const connection = await attachContainer(client, found.Id, streams, signal);
  try {
    return await follow(context, request, { found, connection, stdin });
  } finally {
    connection.destroy();
  }
}

interface Attached {
  readonly found: ContainerInspect;
  readonly connection: Duplex;
  readonly stdin: boolean;
}

async function follow(context: AttachContext, request: AttachRequest, attached: Attached): Promise<number> {
  const { client, signal, stdio } = context;
  const { found, connection, stdin } = attached;
  const { Id, Config, HostConfig } = found;
  const condition = HostConfig?.AutoRemove ? 'removed' : request.start ? 'next-exit' : 'not-running';
  const waiting = await waitContainer(client, Id, condition, signal);
  if (request.start) await startContainer(client, Id, signal);
  context.takeSignals();
  using _signals =
    request.sigProxy && !Config.Tty ? proxySignals((name) => killContainer(client, Id, name)) : undefined;
  using _size = Config.Tty
    ? followTerminalSize(stdio, (size) => resizeContainer(client, Id, size))
    : undefined;
  const session = { tty: Config.Tty, stdin, detachKeys: request.detachKeys };
  if ((await runSession(connection, stdio, session)) === 'detached') {
    if (request.start) return 0;
    throw leftByKeys();
  }
  const { StatusCode, Error: failure } = await waiting.result;
  if (failure?.Message) throw waitFailed(failure.Message);
  return StatusCode;
}

/** Docker's client says these itself. */
function assertAttachable({ State }: ContainerInspect): void {
  if (!State.Running) throw attachRefused('cannot attach to a stopped container, start it first');
  if (State.Paused) throw attachRefused('cannot attach to a paused container, unpause it first');
  if (State.Restarting)
    throw attachRefused('cannot attach to a restarting container, wait until it is running');
}
