import { goValue, isNothing, typeName } from './values.js';

interface Verb {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** Go's fmt.Sprintf for the values that templates have; mistakes are shown in the text, as Go does. */
export function sprintf(format: string, values: readonly unknown[]): string {
  let used = 0;
  const take = () => values[used++];
  const text = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])?/g,
    (whole: string, flags: string, width?: string, precision?: string, letter?: string) => {
      if (letter === undefined) return '%!(NOVERB)';
      if (letter === '%') return '%';
      const size = width === '*' ? Number(take()) : number(width);
      const places =
        precision === '*' ? Number(take()) : number(precision ?? (whole.includes('.') ? '0' : undefined));
      if (used >= values.length) {
        used += 1;
        return `%!${letter}(MISSING)`;
      }
      return pad(one({ flags, width: size, precision: places, letter }, take()), flags, size);
    },
  );
  return used >= values.length ? text : `${text}%!(EXTRA ${values.slice(used).map(described).join(', ')})`;
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function described(value: unknown): string {
  return isNothing(value) ? '<nil>' : `${typeName(value)}=${goValue(value)}`;
}

function one(verb: Verb, value: unknown): string {
  if (verb.letter === 'v') return goValue(value);
  if (verb.letter === 'T') return typeName(value);
  if (Array.isArray(value)) return `[${value.map((item) => one(verb, item)).join(' ')}]`;
  const text = basic(verb, value);
  if (text !== undefined) return text;
  return isNothing(value)
    ? `%!${verb.letter}(<nil>)`
    : `%!${verb.letter}(${typeName(value)}=${goValue(value)})`;
}

/** Undefined where the verb is not for such a value. */
function basic(verb: Verb, value: unknown): string | undefined {
  if (typeof value === 'string') return ofString(verb, value);
  if (typeof value === 'boolean') return verb.letter === 't' ? String(value) : undefined;
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) ? ofInteger(verb, value) : ofFloat(verb, value);
}

function ofString({ letter, precision }: Verb, value: string): string | undefined {
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  switch (letter) {
    case 's':
      return cut;
    case 'q':
      return JSON.stringify(cut);
    case 'x':
      return Buffer.from(cut).toString('hex');
    case 'X':
      return Buffer.from(cut).toString('hex').toUpperCase();
    default:
      return undefined;
  }
}

const bases: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 };

function ofInteger({ letter, flags, precision }: Verb, value: number): string | undefined {
  if (letter === 'c') return String.fromCodePoint(value);
  if (letter === 'q') return `'${String.fromCodePoint(value)}'`;
  if (letter === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  const base = bases[letter];
  if (base === undefined) return undefined;
  const prefix = flags.includes('#') ? ({ x: '0x', X: '0X', o: '0', b: '0b' }[letter] ?? '') : '';
  const digits = `${prefix}${Math.abs(value)
    .toString(base)
    .padStart(precision ?? 0, '0')}`;
  return `${sign(value, flags)}${letter === 'X' ? digits.toUpperCase() : digits}`;
}

function ofFloat({ letter, flags, precision }: Verb, value: number): string | undefined {
  const size = Math.abs(value);
  const twoDigits = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2');
  switch (letter.toLowerCase()) {
    case 'f':
      return `${sign(value, flags)}${size.toFixed(precision ?? 6)}`;
    case 'e':
      return `${sign(value, flags)}${twoDigits(size.toExponential(precision ?? 6))}`;
    case 'g':
      return `${sign(value, flags)}${precision === undefined ? goValue(size) : String(Number(size.toPrecision(precision || 1)))}`;
    default:
      return undefined;
  }
}

function sign(value: number, flags: string): string {
  if (value < 0) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function pad(text: string, flags: string, width: number | undefined): string {
  const missing = Math.abs(width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-') || (width ?? 0) < 0) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  const signed = /^[+-]/.test(text);
  return signed ? `${text[0]}${'0'.repeat(missing)}${text.slice(1)}` : '0'.repeat(missing) + text;
}
