import type { Duplex } from 'node:stream';
import type { ExecCreateRequest, ExecInspect, ExecStartRequest } from '../../../api/exec.js';
import { errorMessage, isTsmachineError } from '../../../shared/errors.js';
import { randomId } from '../../../shared/identifiers.js';
import type { TerminalSize } from '../../../shared/terminal-size.js';
import type { ExecSession } from '../../runtime/runtime.js';
import type { OciProcess } from '../../runtime/spec/oci.js';
import {
  execAlreadyRunning,
  execHasRun,
  execPaused,
  execWithoutCommand,
  noSuchExec,
  notRunning,
  restarting,
} from '../errors.js';
import type { AttachSession } from './attach.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { parseDetachKeys } from './detach-keys.js';
import { execProcess, runningSpec } from './exec-process.js';
import { ClientOutput, copyStdio } from './stdio.js';

interface Exec {
  readonly id: string;
  readonly container: Container;
  readonly request: ExecCreateRequest;
  readonly detachKeys: Buffer;
  session: ExecSession | undefined;
  started: boolean;
  running: boolean;
  exitCode: number | null;
  size: TerminalSize | undefined;
}

/** As long as dockerd keeps an ended exec for inspect. */
const keepMs = 5 * 60_000;

/** Additional processes in running containers. They are not on disk: with the agent they end, as dockerd's. */
export class Execs {
  readonly #context: ContainerContext;
  readonly #execs = new Map<string, Exec>();

  constructor(context: ContainerContext) {
    this.#context = context;
  }

  create(container: Container, request: ExecCreateRequest, name = container.id): string {
    if (!request.Cmd?.length) throw execWithoutCommand();
    checkExecutable(container, name);
    const detachKeys = parseDetachKeys(request.DetachKeys);
    this.#forgetRemoved();
    const id = randomId();
    const [rows = 0, columns = 0] = request.ConsoleSize ?? [];
    this.#execs.set(id, {
      id,
      container,
      request,
      detachKeys,
      session: undefined,
      started: false,
      running: false,
      exitCode: null,
      size: rows > 0 && columns > 0 ? { rows, columns } : undefined,
    });
    container.execIds.add(id);
    container.events.once('exit', () => this.#forgetUnstarted(id));
    publish(this.#context, container, `exec_create: ${request.Cmd.join(' ')}`, { execID: id });
    return id;
  }

  /** Checks what can be told by a status; the process starts in `serve`, or before this resolves if detached. */
  async start(id: string, options: ExecStartRequest): Promise<AttachSession | undefined> {
    const exec = this.#find(id);
    if (exec.running) throw execAlreadyRunning(id);
    if (exec.started) throw execHasRun(id);
    checkExecutable(exec.container);
    const [rows = 0, columns = 0] = options.ConsoleSize ?? [];
    if (rows > 0 && columns > 0) exec.size = { rows, columns };
    exec.started = true;
    if (options.Detach) {
      const session = await this.#run(exec);
      leaveAlone(session);
      return undefined;
    }
    // What is asked here decides over the frames, whether the process has a terminal or not.
    const multiplexed = !options.Tty;
    return { multiplexed, serve: (client) => this.#serve(exec, client, multiplexed) };
  }

  inspect(id: string): ExecInspect {
    const { container, request, detachKeys, running, exitCode, session } = this.#find(id);
    const [entrypoint = '', ...args] = request.Cmd ?? [];
    return {
      ID: id,
      Running: running,
      ExitCode: exitCode,
      ProcessConfig: {
        tty: request.Tty ?? false,
        entrypoint,
        arguments: args,
        privileged: request.Privileged ?? false,
        ...(request.User && { user: request.User }),
      },
      OpenStdin: request.AttachStdin ?? false,
      OpenStderr: request.AttachStderr ?? false,
      OpenStdout: request.AttachStdout ?? false,
      CanRemove: !running && exitCode !== null,
      ContainerID: container.id,
      DetachKeys: request.DetachKeys ? detachKeys.toString('base64') : '',
      Pid: session?.pid ?? 0,
    };
  }

  /** A size that comes before the start is the first one. */
  resize(id: string, size: TerminalSize): void {
    const exec = this.#find(id);
    exec.size = size;
    exec.session?.resize(size);
  }

  /** The error of a start goes to the client as output, as with dockerd: the connection is hijacked already. */
  async #serve(exec: Exec, client: Duplex, multiplexed: boolean): Promise<void> {
    const { AttachStdin = false, AttachStdout = false, AttachStderr = false, Tty = false } = exec.request;
    let session: ExecSession;
    try {
      session = await this.#run(exec);
    } catch (error) {
      await new ClientOutput(client, multiplexed).write('stdout', Buffer.from(`${errorMessage(error)}\r\n`));
      return;
    }
    const how = await copyStdio(client, session.attachment, {
      ...{ stdin: AttachStdin, stdout: AttachStdout || Tty, stderr: AttachStderr && !Tty },
      multiplexed,
      detachKeys: Tty ? exec.detachKeys : undefined,
      leave: () => leaveAlone(session),
    });
    if (how === 'detached') publish(this.#context, exec.container, 'exec_detach', { execID: exec.id });
    else if (!client.destroyed) await session.exited; // inspect then knows the exit code when the client sees the end
  }

  async #run(exec: Exec): Promise<ExecSession> {
    const { container, request, id, size } = exec;
    try {
      const session = await this.#context.runtime.exec({
        containerId: container.id,
        execId: id,
        process: await this.#process(exec),
        openStdin: request.AttachStdin ?? false,
        idMap: container.record.idMap,
        size,
      });
      exec.session = session;
      if (exec.size && exec.size !== size) session.resize(exec.size); // it came while the process was made
      exec.running = true;
      publish(this.#context, container, `exec_start: ${request.Cmd?.join(' ')}`, { execID: id });
      void session.exited.then((code) => this.#ended(exec, code));
      return session;
    } catch (error) {
      this.#ended(exec, exitCodeOf(error));
      throw error;
    }
  }

  async #process({ container, request }: Exec): Promise<OciProcess> {
    const spec = await runningSpec(this.#context, container);
    return execProcess(spec, container.record, request, this.#context.host.capabilities);
  }

  #ended(exec: Exec, code: number): void {
    exec.running = false;
    exec.exitCode = code;
    exec.container.execIds.delete(exec.id);
    publish(this.#context, exec.container, 'exec_die', { execID: exec.id, exitCode: String(code) });
    setTimeout(() => this.#execs.delete(exec.id), keepMs).unref();
  }

  /** With its container's run ends the chance to start it. */
  #forgetUnstarted(id: string): void {
    const exec = this.#execs.get(id);
    if (!exec || exec.started) return;
    exec.container.execIds.delete(id);
    this.#execs.delete(id);
  }

  /** Those that were never started: nothing else ends them. */
  #forgetRemoved(): void {
    for (const { id, container } of this.#execs.values()) {
      if (!this.#context.store.byId(container.id)) this.#execs.delete(id);
    }
  }

  #find(id: string): Exec {
    const exec = this.#execs.get(id);
    if (!exec || !this.#context.store.byId(exec.container.id)) throw noSuchExec(id);
    return exec;
  }
}

/** As with Docker a process whose client has gone goes on: its input has ended, its output is for nobody. */
function leaveAlone({ attachment }: ExecSession): void {
  attachment.stdin.end();
  attachment.stdout.resume();
  attachment.stderr.resume();
}

/** Docker's words have the name that it was asked by. */
function checkExecutable({ id, record, running }: Container, name = id): void {
  if (record.state.status === 'restarting') throw restarting(id);
  if (!running) throw notRunning(id);
  if (record.state.status === 'paused') throw execPaused(name);
}

function exitCodeOf(error: unknown): number {
  if (!isTsmachineError(error)) return 128;
  if (error.code === 'EXECUTABLE_NOT_FOUND') return 127;
  return error.code === 'EXECUTABLE_NOT_RUNNABLE' ? 126 : 128;
}
