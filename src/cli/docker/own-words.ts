import { endOfFlags } from '../argv.js';
import type { CommandShape } from '../command-shape.js';

export interface CommandWords {
  /** Our own flags, as oclif reads them. */
  readonly flags: string[];
  /** The image or container and all behind it, untouched and in order; oclif would put equal words side by side. */
  readonly words: readonly string[];
}

type Shapes = CommandShape['flags'];

/**
 * Cuts at the first word that is no flag: what follows belongs to the container, dashes and all. Switches that are
 * written with a value (`--rm=false`, `-i=true`) become what oclif knows.
 */
export function splitWords(argv: readonly string[], shapes: Shapes): CommandWords {
  const end = endOfFlags(argv, { flags: shapes });
  const words = argv.slice(argv[end] === '--' ? end + 1 : end);
  return { flags: argv.slice(0, end).flatMap((word) => plainSwitch(word, shapes)), words };
}

function plainSwitch(word: string, shapes: Shapes): readonly string[] {
  const match = /^(--?)([^=]+)=(1|t|true|0|f|false)$/i.exec(word);
  const [, dashes = '', written = '', value = ''] = match ?? [];
  const found = Object.entries(shapes).find(
    ([name, { char }]) => (dashes === '--' ? name : char) === written,
  );
  if (!match || found?.[1].type !== 'boolean') return [word];
  const [name, shape] = found;
  if (/^[1t]/i.test(value)) return [`--${name}`];
  return shape.allowNo ? [`--no-${name}`] : [];
}
