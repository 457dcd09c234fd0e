import { inspectContainer } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { createExec, inspectExec, resizeExec, startDetachedExec, startExec } from '../../api/client/execs.js';
import type { ExecCreateRequest } from '../../api/client/types.js';
import { detachKeysText } from './detach-keys.js';
import { inputNotTerminal, leftByKeys } from './errors.js';
import { followTerminalSize } from './follow-size.js';
import { type Stdio, terminalSize } from './stdio.js';
import { runSession } from './stdio-session.js';

export interface ExecRequest {
  readonly container: string;
  readonly body: ExecCreateRequest;
  readonly detach: boolean;
  readonly detachKeys: Buffer;
}

export interface ExecContext {
  readonly client: EngineClient;
  readonly stdio: Stdio;
  readonly signal: AbortSignal;
}

export interface ExecFlags {
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly detach?: boolean;
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly privileged?: boolean;
}

/** Flags and command as what `POST /containers/{id}/exec` takes. */
export function execBody(
  flags: ExecFlags,
  command: readonly string[],
  environment: readonly string[],
): ExecCreateRequest {
  const isAttached = flags.detach !== true;
  return {
    Cmd: command,
    Tty: flags.tty ?? false,
    AttachStdin: isAttached && flags.interactive === true,
    AttachStdout: isAttached,
    AttachStderr: isAttached,
    Env: environment,
    Privileged: flags.privileged ?? false,
    ...(flags.user !== undefined && { User: flags.user }),
    ...(flags.workdir !== undefined && { WorkingDir: flags.workdir }),
  };
}

/**
 * Runs a command in a running container; resolves with its exit code, 0 when it is left to itself from the beginning.
 * Throws DETACHED when the detach keys were pressed, INPUT_NOT_TERMINAL.
 */
export async function execInContainer(context: ExecContext, request: ExecRequest): Promise<number> {
  const { client, stdio, signal } = context;
  const size = request.body.Tty ? terminalSize(stdio) : undefined;
  const body = {
    ...request.body,
    DetachKeys: detachKeysText(request.detachKeys),
    ...(size && { ConsoleSize: [size.rows, size.columns] }),
  };
  // That the container does not exist is said before what is wrong with the terminal, as docker does.
  await inspectContainer(client, request.container, signal);
  if (!request.detach && body.Tty && body.AttachStdin && !stdio.stdin.isTTY) throw inputNotTerminal();
  const id = await createExec(client, request.container, body, signal);
  if (request.detach) {
    await startDetachedExec(client, id, body.Tty, signal);
    return 0;
  }
  const connection = await startExec(client, id, body.Tty, signal);
  const onAbort = () => connection.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    using _size = body.Tty ? followTerminalSize(stdio, (size) => resizeExec(client, id, size)) : undefined;
    const session = { tty: body.Tty, stdin: body.AttachStdin, detachKeys: request.detachKeys };
    const end = await runSession(connection, stdio, session);
    signal.throwIfAborted();
    if (end === 'detached') throw leftByKeys();
    return await exitCodeOf(context, id);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function exitCodeOf({ client, signal }: ExecContext, id: string): Promise<number> {
  const { ExitCode } = await inspectExec(client, id, signal);
  return ExitCode ?? 0;
}
