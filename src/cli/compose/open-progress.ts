import type { Progress } from '../../compose/engine/progress.js';
import type { BuildDisplay } from '../docker/build/progress/display.js';
import { JsonProgress, PlainProgress, QuietProgress } from './plain-progress.js';
import { TerminalProgress } from './terminal-progress.js';

export const progressKinds = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;
export const ansiKinds = ['auto', 'always', 'never'] as const;

export interface ProgressChoice {
  readonly progress: (typeof progressKinds)[number];
  readonly ansi: (typeof ansiKinds)[number];
  readonly dryRun: boolean;
}

export interface OpenProgress extends Progress {
  /** Leaves what is shown on the screen; events may follow. */
  close(): void;
  /** Something that a tool has written, above what is redrawn. */
  print(text: string): void;
  /** For builds that go on at the same time; closed when the last of them is over. */
  builds(): BuildDisplay;
}

/** Redrawn on a terminal, plain lines elsewhere, unless something else is wanted. */
export function openProgress(output: NodeJS.WriteStream, choice: ProgressChoice): OpenProgress {
  const { progress, ansi, dryRun } = choice;
  if (progress === 'quiet') return new QuietProgress(output, { dryRun });
  if (progress === 'json') return new JsonProgress(output);
  const redraws = progress === 'tty' || (progress === 'auto' && isTerminal(output, ansi));
  if (!redraws) return new PlainProgress(output, { dryRun });
  const screen = {
    write: (text: string) => output.write(text),
    get columns() {
      return output.columns || 80;
    },
    get rows() {
      return output.rows || 24;
    },
  };
  const color = ansi !== 'never' && !process.env['NO_COLOR'];
  return new TerminalProgress(screen, { dryRun, color, now: () => performance.now() });
}

/** Whether control sequences may be written to it. */
export function isTerminal(output: NodeJS.WriteStream, ansi: ProgressChoice['ansi']): boolean {
  if (ansi !== 'auto') return ansi === 'always';
  return output.isTTY === true && process.env['TERM'] !== 'dumb';
}
