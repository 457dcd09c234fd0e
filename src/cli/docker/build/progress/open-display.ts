import { type BuildDisplay, type ProgressKind, silentDisplay } from './display.js';
import { PlainDisplay } from './plain-display.js';
import { RawDisplay } from './raw-display.js';
import { TerminalDisplay } from './terminal-display.js';

/** Redrawn on a terminal, plain lines elsewhere, unless something else is wanted. */
export function openDisplay(
  output: NodeJS.WriteStream,
  kind: ProgressKind,
  environment: NodeJS.ProcessEnv,
): BuildDisplay {
  if (kind === 'quiet') return silentDisplay;
  if (kind === 'rawjson') return new RawDisplay(output);
  const isTerminal = output.isTTY === true && environment['TERM'] !== 'dumb';
  if (kind === 'plain' || (kind === 'auto' && !isTerminal)) return new PlainDisplay(output);
  const screen = {
    write: (text: string) => output.write(text),
    get columns() {
      return output.columns || 80;
    },
    get rows() {
      return output.rows || 24;
    },
  };
  return new TerminalDisplay(screen, { color: !environment['NO_COLOR'], now: () => Date.now() });
}
