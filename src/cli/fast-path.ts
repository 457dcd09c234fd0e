import { defaultMachine, machineNames } from '../machine/store/access.js';
import { storagePath } from '../machine/store/storage.js';
import {
  activeAnswer,
  envAnswer,
  ipAnswer,
  type Surroundings,
  urlAnswer,
  versionAnswer,
} from './quick-answers.js';

/**
 * Answers what shells and prompts ask all the time without loading oclif. Undefined for anything it does not know
 * for certain, and for every error: then the command itself runs, which words the error.
 */
export function fastPath(argv: readonly string[], around: Surroundings): string | undefined {
  const [command, ...rest] = argv;
  if (command === undefined) return undefined;
  if (['--version', '-v'].includes(command)) return rest.length === 0 ? `${versionAnswer()}\n` : undefined;
  const words = parseWords(rest, command);
  if (!words) return undefined;
  try {
    return answer(command, argv, words, around);
  } catch {
    return undefined;
  }
}

function answer(
  command: string,
  argv: readonly string[],
  words: Words,
  around: Surroundings,
): string | undefined {
  const storage = storagePath(words.storage, around.environment);
  const names = words.names.length > 0 ? words.names : undefined;
  const one = () => names ?? [defaultMachine(storage, around.environment)];
  switch (command) {
    case 'env': {
      if (words.names.length > 1) return undefined;
      return envAnswer({ ...words, storage, name: words.names[0], argv }, around);
    }
    case 'ls':
      // Names alone need nobody to be asked.
      return words.quiet && !names
        ? machineNames(storage)
            .map((name) => `${name}\n`)
            .join('')
        : undefined;
    case '__complete':
      return names?.join(' ') === 'machines'
        ? machineNames(storage)
            .map((name) => `${name}\n`)
            .join('')
        : undefined;
    case 'active':
      return names ? undefined : `${activeAnswer(storage, around.environment)}\n`;
    case 'url':
      return one().length > 1 ? undefined : `${urlAnswer(storage, one()[0] ?? '')}\n`;
    case 'ip':
      return one()
        .map((name) => `${ipAnswer(storage, name)}\n`)
        .join('');
    default:
      return undefined;
  }
}

interface Words {
  names: string[];
  storage: string | undefined;
  shell: string | undefined;
  unset: boolean;
  noProxy: boolean;
  quiet: boolean;
}

/** Undefined when there is an option that is not known here. */
function parseWords(rest: readonly string[], command: string): Words | undefined {
  const words: Words = {
    names: [],
    storage: undefined,
    shell: undefined,
    unset: false,
    noProxy: false,
    quiet: false,
  };
  const left = [...rest];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!word.startsWith('-')) words.names.push(word);
    else if (!takeOption(words, word, left, command)) return undefined;
  }
  return words;
}

function takeOption(words: Words, word: string, left: string[], command: string): boolean {
  const isEnv = command === 'env';
  const [option, attached] = splitOption(word);
  const value = () => attached ?? left.shift();
  if (option === '--storage-path' || option === '-s') words.storage = value();
  else if (isEnv && option === '--shell') words.shell = value();
  else if (isEnv && (word === '--unset' || word === '-u')) words.unset = true;
  else if (isEnv && word === '--no-proxy') words.noProxy = true;
  else if (command === 'ls' && ['-q', '--quiet'].includes(word)) words.quiet = true;
  else return false;
  return true;
}

function splitOption(word: string): readonly [string, string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}
