import { type ChildProcess, spawn as nodeSpawn, type StdioOptions } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { TsmachineError } from './errors.js';

export interface CommandOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** After this the process is killed and COMMAND_TIMEOUT thrown. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** Undefined when a signal ended the process. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started program, as far as its end and its streams are concerned. */
export interface Child {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  kill(signal: NodeJS.Signals): boolean;
  /** It could not be started. */
  once(event: 'error', listener: (cause: Error) => void): unknown;
  /** It has ended, and so have its streams; null when a signal ended it. */
  once(event: 'close', listener: (code: number | null) => void): unknown;
}

/** Runs a program (no shell) to its end, whatever its exit code. Throws COMMAND_NOT_STARTED, COMMAND_TIMEOUT. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runChild(start, argv, options);
}

type PipesStart = (
  argv: readonly string[],
  options: Omit<StartOptions, 'stdio'> & { readonly stdio: ['pipe', 'pipe', 'pipe'] },
) => Child;

/** Like `run`, of a program that `start` starts. */
export async function runChild(
  start: PipesStart,
  argv: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = start(argv, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const timer =
    options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
  const began = performance.now();
  try {
    child.stdin?.on('error', () => {}); // a program need not read its input
    child.stdin?.end(options.input);
    const [code, stdout, stderr] = await Promise.all([
      exitOf(child, argv),
      text(child.stdout),
      text(child.stderr),
    ]);
    if (
      code === undefined &&
      options.timeoutMs !== undefined &&
      performance.now() - began >= options.timeoutMs
    ) {
      throw new TsmachineError(
        'deadline-exceeded',
        'COMMAND_TIMEOUT',
        `"${argv[0]}" did not end within ${options.timeoutMs / 1000}s`,
      );
    }
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** Like `run`, but throws COMMAND_FAILED with the program's last words when it does not exit with 0. */
export async function runOrThrow(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return succeeded(argv, await run(argv, options));
}

/** Throws COMMAND_FAILED with the program's last words when it did not exit with 0. */
export function succeeded(argv: readonly string[], result: CommandResult): CommandResult {
  if (result.code === 0) return result;
  const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-3).join('; ');
  throw new TsmachineError(
    'internal',
    'COMMAND_FAILED',
    `"${argv.join(' ')}" failed: ${words || `exit ${result.code}`}`,
  );
}

export interface StartOptions {
  readonly stdio: StdioOptions;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** A session of its own, so that it outlives this process and its terminal. */
  readonly detached?: boolean;
}

/** Starts a program (no shell) with live streams. Failure to start arrives as the child's 'error' event. */
export function start(argv: readonly string[], options: StartOptions): ChildProcess {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('empty argv');
  return nodeSpawn(file, args, {
    stdio: options.stdio,
    detached: options.detached ?? false,
    ...(options.env && { env: options.env }),
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.signal && { signal: options.signal }),
  });
}

/** Resolves with the exit code, or undefined when a signal ended it; rejects when it could not be started. */
export async function exitOf(child: Child, argv: readonly string[]): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  child.once('error', (cause) => {
    reject(
      new TsmachineError('internal', 'COMMAND_NOT_STARTED', `cannot run "${argv[0]}": ${cause.message}`, {
        cause,
      }),
    );
  });
  child.once('close', (code) => resolve(code ?? undefined));
  return promise;
}

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  if (!stream) return '';
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(stream).catch(() => {});
  return Buffer.concat(chunks).toString('utf8');
}
