import { spellBooleans } from './boolean-values.js';
import type { CommandShape } from './command-shape.js';

/**
 * Makes of what people type what oclif reads: options before the command go behind it, as docker-machine allows (-s
 * by its long name, since docker's commands have another -s);
 * `-h` is `--help` where it is no flag of the command; and everything that belongs to another program is put behind
 * `--`, so that neither its flags nor its `--help` are taken for ours.
 */
export function normalizeArgv(
  argv: readonly string[],
  find: (command: string) => CommandShape | undefined,
): readonly string[] {
  const { options, rest } = leadingOptions(argv);
  if (rest.length === 0) return [commandAlone, ...options];
  const { id, words, shape } = findCommand(rest, find);
  if (!shape) return [...id, ...options, ...words];
  const all = [...options, ...words];
  const own = spellBooleans(shape.passThrough ? separate(all, shape) : all, shape);
  return [...id, ...(hasShort(shape, 'h') ? own : own.map((word, at) => spellHelp(own, word, at)))];
}

/** From the name of the command on. */
export function commandWords(argv: readonly string[]): readonly string[] {
  const { rest } = leadingOptions(argv);
  return rest.length === 0 ? [commandAlone] : rest;
}

/** Of what `normalizeArgv` answers. */
export function isHelpWanted(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).includes('--help');
}

/** What the program does without a command. */
const commandAlone = 'overview';

interface Found {
  /** The words that name the command: one, or its topic's and one (`container run`). */
  readonly id: readonly string[];
  readonly words: readonly string[];
  readonly shape: CommandShape | undefined;
}

function findCommand(rest: readonly string[], find: (command: string) => CommandShape | undefined): Found {
  const lengths = Array.from({ length: longestName }, (_, at) => at + 1);
  const length = lengths.find((words) => find(rest.slice(0, words).join(':'))) ?? 1;
  const id = rest.slice(0, length);
  return { id, words: rest.slice(length), shape: find(id.join(':')) };
}

/** In words: `image policy set`. */
export const longestName = 3;

function leadingOptions(argv: readonly string[]): { options: readonly string[]; rest: readonly string[] } {
  let index = 0;
  for (; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (globalsWithValue.includes(word)) index += 1;
    else if (!isGlobal(word)) break;
  }
  const options = argv.slice(0, index).map((word) => (word === '-s' ? '--storage-path' : word));
  return { options, rest: argv.slice(index) };
}

function isGlobal(word: string): boolean {
  const [name = ''] = word.split('=', 1);
  const isAssigned = word.includes('=') && globalsWithValue.includes(name) && name.startsWith('--');
  return ['-D', '--debug', '--json', '--native-ssh'].includes(word) || isAssigned;
}

const globalsWithValue = [
  ...[
    '-s',
    '--storage-path',
    '--secret-store',
    '--tls-ca-cert',
    '--tls-ca-key',
    '--tls-client-cert',
    '--tls-client-key',
  ],
  ...['--github-api-token', '--bugsnag-api-token'],
];

function spellHelp(words: readonly string[], word: string, at: number): string {
  const end = words.indexOf('--');
  return word === '-h' && (end < 0 || at < end) ? '--help' : word;
}

/** Inserts `--` before the first positional. */
function separate(words: readonly string[], shape: CommandShape): readonly string[] {
  const end = endOfFlags(words, shape);
  if (end === words.length || words[end] === '--') return words;
  return [...words.slice(0, end), '--', ...words.slice(end)];
}

/** Where the flags and their values end: the index of the first positional or of `--`. */
export function endOfFlags(words: readonly string[], shape: Pick<CommandShape, 'flags'>): number {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--' || word === '-' || !word.startsWith('-')) return index;
    if (takesValue(word, shape)) index += 1;
  }
  return words.length;
}

function takesValue(word: string, { flags }: Pick<CommandShape, 'flags'>): boolean {
  if (word.startsWith('--')) {
    const found = Object.entries(flags).find(
      ([name, { aliases }]) => `--${name}` === word || aliases?.some((alias) => `--${alias}` === word),
    );
    return found?.[1].type === 'option'; // with "=" the value is in the word and nothing is found
  }
  const letters = [...word.slice(1)];
  const first = letters.findIndex((letter) => shortFlag(flags, letter)?.type === 'option');
  return first >= 0 && first === letters.length - 1; // -itp 80:80 takes a value, -p80:80 has it
}

function hasShort({ flags }: CommandShape, letter: string): boolean {
  return shortFlag(flags, letter) !== undefined;
}

function shortFlag(flags: CommandShape['flags'], letter: string) {
  return Object.values(flags).find(({ char }) => char === letter);
}
