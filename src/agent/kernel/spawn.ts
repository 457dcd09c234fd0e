import { EventEmitter } from 'node:events';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import {
  type Child,
  type CommandOptions,
  type CommandResult,
  runChild,
  succeeded,
} from '../../shared/spawn.js';
import { makePipe, openProcess } from './descriptors.js';
import { eventedSocket } from './evented.js';
import { posixSpawn, reap } from './posix-spawn.js';

export { type CommandResult, exitOf } from '../../shared/spawn.js';

/** How the agent starts programs: like `shared/spawn.ts`, and without the cost of a copy of the agent's memory. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runChild(start, argv, options);
}

/** Like `run`, but throws COMMAND_FAILED with the program's last words when it does not exit with 0. */
export async function runOrThrow(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return succeeded(argv, await run(argv, options));
}

export interface StartOptions {
  /** What the program has as 0, 1, 2 …: a pipe to here (of the first three only), /dev/null, or a descriptor. */
  readonly stdio: readonly ('pipe' | 'ignore' | number)[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** A session of its own, so that it outlives this process. */
  readonly detached?: boolean;
}

/** Starts a program (no shell) with live streams. Failure to start arrives as the child's 'error' event. */
export function start(argv: readonly string[], options: StartOptions): Child {
  const channels: Channel[] = [];
  try {
    for (const [index, kind] of options.stdio.entries()) channels.push(openChannel(kind, index));
    const pid = posixSpawn({
      argv,
      env: options.env ?? process.env,
      descriptors: channels.map(({ child }) => child),
      cwd: options.cwd,
      newSession: options.detached ?? false,
    });
    const program = new Program(pid, channels.map(streamOf));
    if (options.signal) program.killOnAbort(options.signal);
    return program;
  } catch (error) {
    for (const { parent } of channels) if (parent !== undefined) closeSync(parent);
    return new NotStarted(error);
  } finally {
    for (const { child, parent } of channels) if (child !== null && parent !== undefined) closeSync(child);
  }
}

interface Channel {
  /** Null for /dev/null. */
  readonly child: number | null;
  /** The other end of a pipe. */
  readonly parent?: number;
  readonly writable: boolean;
}

function openChannel(kind: 'pipe' | 'ignore' | number, index: number): Channel {
  const writable = index === 0;
  if (kind !== 'pipe') return { child: kind === 'ignore' ? null : kind, writable };
  const { read, write } = makePipe();
  return writable ? { child: read, parent: write, writable } : { child: write, parent: read, writable };
}

function streamOf({ parent, writable }: Channel): Socket | null {
  return parent === undefined ? null : new Socket({ fd: parent, readable: !writable, writable });
}

type ChildEvents = { error: [Error]; close: [number | null] };

class Program extends EventEmitter<ChildEvents> implements Child {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly #pid: number;
  #running = true;

  constructor(pid: number, [stdin = null, stdout = null, stderr = null]: readonly (Socket | null)[]) {
    super();
    this.#pid = pid;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    void this.#watch([stdout, stderr].map(closed));
  }

  kill(signal: NodeJS.Signals): boolean {
    return this.#running && process.kill(this.#pid, signal);
  }

  /** As Node does it. */
  killOnAbort(signal: AbortSignal): void {
    const abort = (): void => {
      if (this.kill('SIGTERM')) this.emit('error', signal.reason);
    };
    if (signal.aborted) setImmediate(abort);
    signal.addEventListener('abort', abort, { once: true });
    this.once('close', () => signal.removeEventListener('abort', abort));
  }

  async #watch(outputs: readonly Promise<void>[]): Promise<void> {
    const code = await this.#end();
    this.#running = false;
    this.stdin?.destroy();
    await Promise.all(outputs);
    this.emit('close', code);
  }

  /** Null when a signal ended it, which is what becomes of a program that cannot be watched. */
  async #end(): Promise<number | null> {
    try {
      await readable(openProcess(this.#pid));
    } catch {
      this.kill('SIGKILL'); // no descriptors are left
    }
    return reap(this.#pid) ?? null;
  }
}

/** Tells why once somebody listens, as Node does. */
class NotStarted extends EventEmitter<ChildEvents> implements Child {
  readonly stdin = null;
  readonly stdout = null;
  readonly stderr = null;

  constructor(cause: unknown) {
    super();
    setImmediate(() => this.emit('error', cause instanceof Error ? cause : new Error(String(cause))));
  }

  kill(): boolean {
    return false;
  }
}

/** A pidfd is ready at the end of its process, but cannot be read. */
async function readable(pidfd: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  eventedSocket(pidfd)
    .once('error', () => resolve())
    .resume();
  await promise;
}

async function closed(stream: Socket | null): Promise<void> {
  if (!stream) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('close', resolve);
  await promise;
}
