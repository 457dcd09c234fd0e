import { pipeline } from 'node:stream/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import type { TerminalSize } from '../shared/terminal-size.js';
import type { SshSession } from '../ssh/transport.js';
import { enterRawMode } from './raw-mode.js';

export interface Console {
  readonly stdin: ReadStream | NodeJS.ReadStream;
  readonly stdout: WriteStream | NodeJS.WriteStream;
  readonly stderr: WriteStream | NodeJS.WriteStream;
}

/** Size and type to ask a remote terminal for. */
export function terminalOf({ stdout }: Console): TerminalSize & { readonly term: string } {
  return { ...sizeOf(stdout), term: process.env['TERM'] ?? 'xterm' };
}

/**
 * Connects this process's streams to the session until it ends, and returns its exit status. With `raw` every key,
 * Ctrl-C too, goes to the other side; the terminal is as it was when this returns.
 */
export async function attach(
  session: SshSession,
  console: Console,
  options: { readonly raw: boolean },
): Promise<number> {
  const { stdin, stdout, stderr } = console;
  const resize = () => session.resize(sizeOf(stdout));
  const raw = options.raw && stdin.isTTY === true;
  const mode = raw ? enterRawMode(stdin) : undefined;
  if (raw) stdout.on('resize', resize);
  try {
    stdin.on('error', () => {});
    session.stdin.on('error', () => {}); // the other side may end before it has read everything
    stdin.pipe(session.stdin);
    await Promise.all([drain(session.stdout, stdout), drain(session.stderr, stderr)]);
    return await session.exited;
  } finally {
    stdin.unpipe(session.stdin);
    stdout.off('resize', resize);
    await mode?.[Symbol.asyncDispose]();
    stdin.destroy(); // or an open stdin would keep the process alive
  }
}

/** Our own streams stay open; a reader of ours that went away (`| head`) is not an error of the session. */
async function drain(from: NodeJS.ReadableStream, to: NodeJS.WritableStream): Promise<void> {
  await pipeline(from, to, { end: false }).catch(() => {});
}

function sizeOf({ columns, rows }: { readonly columns?: number; readonly rows?: number }): TerminalSize {
  return { columns: columns || 80, rows: rows || 24 };
}
