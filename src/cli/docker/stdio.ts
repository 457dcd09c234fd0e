import type { TerminalSize } from '../../shared/terminal-size.js';

/** The streams of this process; tests pass others. */
export interface Stdio {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Undefined when the output is no terminal. */
export function terminalSize({ stdout }: Stdio): TerminalSize | undefined {
  return stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined;
}
