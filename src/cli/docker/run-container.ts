import { open, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  attachContainer,
  createContainer,
  killContainer,
  resizeContainer,
  startContainer,
  type Waiting,
  waitContainer,
} from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import type { ContainerCreateRequest } from '../../api/client/types.js';
import { isTsmachineError, systemErrorCode } from '../../shared/errors.js';
import { detachKeysText } from './detach-keys.js';
import { containerIdFileExists, inputNotTerminal, waitFailed } from './errors.js';
import { followTerminalSize } from './follow-size.js';
import { parseImageReference } from './image-reference.js';
import { pullWithProgress } from './pull-image.js';
import { proxySignals } from './signal-proxy.js';
import type { Stdio } from './stdio.js';
import { runSession } from './stdio-session.js';

export interface RunRequest {
  readonly body: ContainerCreateRequest;
  readonly name?: string | undefined;
  /** Where the container's ID is written. */
  readonly idFile?: string | undefined;
  readonly platform?: string | undefined;
  readonly pull: 'missing' | 'always' | 'never';
  readonly quiet: boolean;
  readonly detach: boolean;
  readonly detachKeys: Buffer;
  readonly sigProxy: boolean;
}

export interface AttachContext {
  readonly client: EngineClient;
  readonly stdio: Stdio;
  /** Cancels what comes before the container runs. */
  readonly signal: AbortSignal;
  /** Called when signals begin to belong to the container. */
  readonly takeSignals: () => void;
}

export interface RunContext extends AttachContext {
  /** The header X-Registry-Auth for an image that has to be pulled. */
  readonly authorize: (image: string) => Promise<string>;
}

/**
 * Creates, attaches, waits and starts, in this order, so that no output and no exit is missed. Resolves with the exit
 * code of the container, or 0 when it was left running. Throws the engine's errors.
 */
export async function runContainer(context: RunContext, request: RunRequest): Promise<number> {
  const { client, stdio, signal } = context;
  const { body } = request;
  if (!request.detach && body.Tty && body.AttachStdin && !stdio.stdin.isTTY) throw inputNotTerminal();
  const id = await createWithImage(context, request);
  if (request.detach) {
    await startContainer(client, id, signal);
    stdio.stdout.write(`${id}\n`);
    return 0;
  }
  const streams = {
    ...{ stdin: body.AttachStdin, stdout: body.AttachStdout, stderr: body.AttachStderr },
    detachKeys: detachKeysText(request.detachKeys),
  };
  const connection = await attachContainer(client, id, streams, signal);
  try {
    const waiting = await waitContainer(
      client,
      id,
      body.HostConfig.AutoRemove ? 'removed' : 'next-exit',
      signal,
    );
    return await startAndFollow(context, request, { id, connection, waiting });
  } finally {
    connection.destroy();
  }
}

interface Prepared {
  readonly id: string;
  readonly connection: Duplex;
  readonly waiting: Waiting;
}

async function startAndFollow(context: RunContext, request: RunRequest, prepared: Prepared): Promise<number> {
  const { client, stdio } = context;
  const { id, connection, waiting } = prepared;
  const { Tty, AttachStdin } = request.body;
  await startOrForget(context, request, prepared);
  context.takeSignals();
  // With a terminal as well, as docker does it: there Ctrl-C is a key, but `kill` sends signals all the same.
  using _signals = request.sigProxy ? proxySignals((name) => killContainer(client, id, name)) : undefined;
  using _size = Tty ? followTerminalSize(stdio, (size) => resizeContainer(client, id, size)) : undefined;
  const session = { tty: Tty, stdin: AttachStdin, detachKeys: request.detachKeys };
  if ((await runSession(connection, stdio, session)) === 'detached') return 0;
  return await exitCodeOf(waiting);
}

/** A container that could not be started and is to be removed is gone when this throws. */
async function startOrForget(context: RunContext, request: RunRequest, prepared: Prepared): Promise<void> {
  try {
    await startContainer(context.client, prepared.id, context.signal);
  } catch (error) {
    if (request.body.HostConfig.AutoRemove) {
      const gone = prepared.waiting.result.catch(() => {});
      await Promise.race([gone, delay(5_000, undefined, { ref: false })]);
    }
    throw error;
  }
}

async function exitCodeOf({ result }: Waiting): Promise<number> {
  const { StatusCode, Error: failure } = await result;
  if (failure?.Message) throw waitFailed(failure.Message);
  return StatusCode;
}

/** The container's ID. Pulls the image first, or when the engine says that it has none, as `--pull` wants it. */
export async function createWithImage(context: RunContext, request: RunRequest): Promise<string> {
  const { idFile } = request;
  if (idFile === undefined) return await createOrPull(context, request);
  const file = await open(idFile, 'wx').catch((error) => {
    throw systemErrorCode(error) === 'EEXIST' ? containerIdFileExists(idFile) : error;
  });
  try {
    const id = await createOrPull(context, request);
    await file.writeFile(id);
    await file.close();
    return id;
  } catch (error) {
    await file.close();
    await rm(idFile, { force: true });
    throw error;
  }
}

async function createOrPull(context: RunContext, request: RunRequest): Promise<string> {
  if (request.pull === 'always') await pull(context, request);
  try {
    return await create(context, request);
  } catch (error) {
    if (request.pull !== 'missing' || !isImageMissing(error)) throw error;
    const { familiar } = parseImageReference(request.body.Image);
    if (!request.quiet) context.stdio.stderr.write(`Unable to find image '${familiar}' locally\n`);
    await pull(context, request);
    return await create(context, request);
  }
}

async function create(context: RunContext, request: RunRequest): Promise<string> {
  const { name, platform } = request;
  const created = await createContainer(context.client, request.body, { name, platform }, context.signal);
  for (const warning of created.Warnings ?? []) context.stdio.stderr.write(`WARNING: ${warning}\n`);
  return created.Id;
}

async function pull({ client, stdio, signal, authorize }: RunContext, request: RunRequest): Promise<void> {
  const output = request.quiet ? undefined : stdio.stderr;
  const image = parseImageReference(request.body.Image);
  const authorization = await authorize(image.name);
  await pullWithProgress(client, image, { platform: request.platform, authorization, output }, signal);
}

function isImageMissing(error: unknown): boolean {
  return isTsmachineError(error) && error.kind === 'not-found' && /no such image/i.test(error.message);
}
