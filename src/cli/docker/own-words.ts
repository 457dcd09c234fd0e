export interface FlagShape {
  readonly type: string;
  readonly char?: string | undefined;
  readonly allowNo?: boolean | undefined;
}

export interface CommandWords {
  /** Our own flags, as oclif reads them. */
  readonly flags: string[];
  /** The image or container and all behind it, untouched and in order. */
  readonly words: readonly string[];
}

/**
 * Cuts at the first word that is no flag: what follows belongs to the container, dashes and all. Switches that are
 * written with a value (`--rm=false`, `-i=true`) become what oclif knows.
 */
export function splitWords(
  argv: readonly string[],
  shapes: Readonly<Record<string, FlagShape>>,
): CommandWords {
  const flags: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--') return { flags, words: argv.slice(index + 1) };
    if (!word.startsWith('-') || word === '-') return { flags, words: argv.slice(index) };
    flags.push(...plainSwitch(word, shapes));
    const value = argv[index + 1];
    if (takesNextWord(word, shapes) && value !== undefined) {
      flags.push(value);
      index += 1;
    }
  }
  return { flags, words: [] };
}

function plainSwitch(word: string, shapes: Readonly<Record<string, FlagShape>>): readonly string[] {
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

function takesNextWord(word: string, shapes: Readonly<Record<string, FlagShape>>): boolean {
  if (word.startsWith('--')) return shapes[word.slice(2)]?.type === 'option'; // "--name=x" has its value
  const letters = [...word.slice(1)];
  const first = letters.findIndex((letter) => shapeOf(letter, shapes)?.type === 'option');
  return first >= 0 && first === letters.length - 1; // "-itp" takes one, "-p80:80" has it
}

function shapeOf(letter: string, shapes: Readonly<Record<string, FlagShape>>): FlagShape | undefined {
  return Object.values(shapes).find(({ char }) => char === letter);
}
