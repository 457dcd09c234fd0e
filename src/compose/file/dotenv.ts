import { errorMessage } from '../../shared/errors.js';
import { envFileInvalid } from '../errors.js';
import { type Substitution, substitute } from './template.js';

/** Variables in the order of their appearance. */
export type Variables = ReadonlyMap<string, string>;

/**
 * Reads an env file as Compose does: `export`, quotes (single ones literally, both over several lines), escapes,
 * comments, `KEY: value`, and interpolation, for which the environment comes before what the file said so far. A line
 * `KEY` alone takes the value of the environment. Throws ENV_FILE_INVALID.
 */
export function parseDotenv(text: string, file: string, environment: Substitution): Variables {
  return new Parser(text.replace(/^\uFEFF/, ''), file, environment).parse();
}

/** The format `raw`: no quotes, no interpolation. */
export function parseRawEnv(text: string): Variables {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, key = line, value = ''] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
      return [key.trim(), value];
    }),
  );
}

class Parser {
  readonly #text: string;
  readonly #file: string;
  readonly #environment: Substitution;
  readonly #found = new Map<string, string>();
  #at = 0;

  constructor(text: string, file: string, environment: Substitution) {
    this.#text = text;
    this.#file = file;
    this.#environment = environment;
  }

  parse(): Variables {
    while (this.#skipToStatement()) this.#statement();
    for (const key of this.#found.keys()) if (/^\s*\d/.test(key)) this.#found.delete(key);
    return this.#found;
  }

  /** False at the end. */
  #skipToStatement(): boolean {
    const skipped = this.#match(/(?:\s+|#[^\n]*)*/y);
    return skipped !== undefined && this.#at < this.#text.length;
  }

  #statement(): void {
    this.#match(/export[^\S\n]+/y);
    const start = this.#at;
    const key = this.#match(/[\p{L}\p{N}_.\-[\] \t\v\f\r]*/uy) ?? '';
    const end = this.#text[this.#at];
    if (end !== undefined && !'=:\n'.includes(end)) {
      const line = this.#text.slice(start).split('\n', 1)[0] ?? '';
      throw this.#invalid(`unexpected character "${end}" in variable name "${line}"`, start);
    }
    this.#at++;
    const name = key.trimEnd();
    if (name.includes(' ')) throw this.#invalid('key cannot contain a space', start);
    if (end === undefined || end === '\n') this.#inherit(name);
    else this.#found.set(name, this.#value());
  }

  #inherit(name: string): void {
    const value = this.#environment.lookup(name);
    if (value !== undefined) this.#found.set(name, value);
  }

  #value(): string {
    this.#match(/[^\S\n]+/y);
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") return this.#quoted(quote);
    const start = this.#at;
    const line = this.#match(/[^\n]*/y) ?? '';
    const value = (line.split(' #', 1)[0] ?? '').trimEnd();
    return this.#expand(value, start);
  }

  #quoted(quote: string): string {
    const start = this.#at;
    let value = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      const next = this.#text[this.#at + 1];
      if (char === quote) {
        this.#at++;
        return quote === '"' ? this.#expand(expandEscapes(value), start) : value;
      }
      if (char !== '\\' || next === undefined) value += char;
      else {
        value += next === quote ? quote : char + next;
        this.#at++;
      }
    }
    const line = this.#text.slice(start).split('\n', 1)[0] ?? '';
    throw this.#invalid(`unterminated quoted value ${line}`, start);
  }

  #expand(value: string, start: number): string {
    const lookup = (name: string) => this.#environment.lookup(name) ?? this.#found.get(name);
    try {
      return substitute(value, { ...this.#environment, lookup });
    } catch (error) {
      throw this.#invalid(`cannot interpolate ${errorMessage(error)}`, start);
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    this.#at += text?.length ?? 0;
    return text;
  }

  #invalid(message: string, offset: number): Error {
    return envFileInvalid(this.#file, this.#text.slice(0, offset).split('\n').length, message);
  }
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '"': '"', '\\': '\\', $: '$$' }, // interpolation makes one dollar of two
};

function expandEscapes(text: string): string {
  return text.replace(/\\([abcfnrtv$"\\]|0\d{0,3})/g, (all, code: string) => {
    if (/^0[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 8));
    return escapes[code] ?? all;
  });
}
