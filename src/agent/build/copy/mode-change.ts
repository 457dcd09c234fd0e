import { buildInvalid } from '../errors.js';

/** COPY --chmod: what a file's permissions become. */
export type ModeChange = (mode: number, isDirectory: boolean) => number;

/** "644", or as chmod(1) has it: "u=rwX,go=rX", "+x". Throws BUILD_INVALID. */
export function parseModeChange(text: string): ModeChange {
  if (/^\d+$/.test(text)) {
    const given = octal(text);
    return () => given;
  }
  const changes = text.split(',').map(parseClause);
  return (mode, isDirectory) => changes.reduce((now, change) => change(now, isDirectory), mode);
}

function octal(text: string): number {
  if (/^0?[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  throw buildInvalid(`invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`);
}

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const bits: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };

function parseClause(clause: string): ModeChange {
  const [, who = '', rest = ''] = /^([ugoa]*)((?:[+=-][rwxXst]*)+)$/.exec(clause) ?? [];
  if (rest === '') throw buildInvalid(`invalid chmod parameter: '${clause}'`);
  const classes = who === '' || who.includes('a') ? ['u', 'g', 'o'] : [...new Set(who)];
  const actions = [...rest.matchAll(/([+=-])([rwxXst]*)/g)];
  return (mode, isDirectory) =>
    actions.reduce(
      (now, [, operator = '', letters = '']) => act(now, { operator, letters, classes, isDirectory }),
      mode,
    );
}

interface Action {
  readonly operator: string;
  readonly letters: string;
  readonly classes: readonly string[];
  readonly isDirectory: boolean;
}

function act(mode: number, { operator, letters, classes, isDirectory }: Action): number {
  const wanted = bitsOf(letters, classes, isDirectory || (mode & 0o111) !== 0);
  if (operator === '+') return mode | wanted;
  if (operator === '-') return mode & ~wanted;
  const all = bitsOf('rwx', classes, false);
  return (mode & ~all) | wanted;
}

/** "X" is "x" for directories and for what somebody may execute. */
function bitsOf(letters: string, classes: readonly string[], mayExecute: boolean): number {
  let set = 0;
  for (const letter of letters) {
    for (const each of classes) set |= bitOf(letter, each, mayExecute);
  }
  return set;
}

function bitOf(letter: string, each: string, mayExecute: boolean): number {
  if (letter === 's') return each === 'u' ? 0o4000 : each === 'g' ? 0o2000 : 0;
  if (letter === 't') return 0o1000;
  const plain = letter === 'X' ? (mayExecute ? 'x' : '') : letter;
  return (bits[plain] ?? 0) << (shifts[each] ?? 0);
}
