import { buildInvalid, buildTooLarge } from '../errors.js';
import { deepestNesting, largestCut, largestExpansion } from './limits.js';
import { replaceMatches, stripPrefix, stripSuffix } from './substitute.js';

export type Variables = ReadonlyMap<string, string>;

/** Replaces variables and takes quotes away, in one word. Throws BUILD_INVALID. */
export function expandWord(word: string, variables: Variables, escapeToken: string): string {
  return expand(word, variables, escapeToken).text;
}

/** The same, and what comes of unquoted variables is split at blanks. */
export function expandWords(word: string, variables: Variables, escapeToken: string): readonly string[] {
  return expand(word, variables, escapeToken).words;
}

/** Replaces variables only: for a heredoc's content. */
export function expandText(text: string, variables: Variables, escapeToken: string): string {
  const lexer = new Lexer(text, variables, escapeToken);
  return named(text, () => lexer.raw());
}

function expand(word: string, variables: Variables, escapeToken: string) {
  const lexer = new Lexer(word, variables, escapeToken);
  return named(word, () => {
    lexer.run();
    return { text: lexer.text, words: lexer.words() };
  });
}

function named<T>(word: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw buildInvalid(`failed to process ${JSON.stringify(word)}: ${error.message}`);
  }
}

const special = /[@*#?\-$!0-9]/;

/** The rules of BuildKit's frontend/dockerfile/shell. */
class Lexer {
  text = '';
  readonly #source: string;
  readonly #variables: Variables;
  readonly #escape: string;
  readonly #words: string[] = [];
  #word: string | undefined;
  #at = 0;
  #depth = 0;
  /** Length of all values so far. */
  #given = 0;

  constructor(source: string, variables: Variables, escapeToken: string) {
    this.#source = source;
    this.#variables = variables;
    this.#escape = escapeToken;
  }

  words(): readonly string[] {
    return this.#word === undefined ? this.#words : [...this.#words, this.#word];
  }

  run(): void {
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at] ?? '';
      if (char === "'") this.#add(this.#single());
      else if (char === '"') this.#add(this.#double());
      else if (char === '$') this.#addUnquoted(this.#dollar());
      else if (char === this.#escape) this.#add(this.#escaped());
      else {
        this.#at++;
        this.#addUnquoted(char);
      }
    }
  }

  raw(): string {
    let text = '';
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at] ?? '';
      if (char === '$') text += this.#dollar();
      else if (char === this.#escape && this.#source[this.#at + 1] === '$') {
        text += '$';
        this.#at += 2;
      } else {
        text += char;
        this.#at++;
      }
    }
    return text;
  }

  #add(text: string): void {
    this.text += text;
    this.#word = (this.#word ?? '') + text;
  }

  #addUnquoted(text: string): void {
    this.text += text;
    for (const [index, part] of text.split(/\s+/).entries()) {
      if (index > 0) {
        if (this.#word !== undefined) this.#words.push(this.#word);
        this.#word = undefined;
      }
      if (part !== '') this.#word = (this.#word ?? '') + part;
    }
  }

  #single(): string {
    const end = this.#source.indexOf("'", this.#at + 1);
    if (end < 0) throw new SyntaxError('unexpected end of statement while looking for matching single-quote');
    const text = this.#source.slice(this.#at + 1, end);
    this.#at = end + 1;
    return text;
  }

  #double(): string {
    let text = '';
    for (this.#at++; this.#at < this.#source.length; ) {
      const char = this.#source[this.#at] ?? '';
      if (char === '"') {
        this.#at++;
        return text;
      }
      if (char === '$') text += this.#dollar();
      else if (char === this.#escape) text += this.#escapedInQuotes();
      else {
        text += char;
        this.#at++;
      }
    }
    throw new SyntaxError('unexpected end of statement while looking for matching double-quote');
  }

  #escaped(): string {
    const next = this.#source[this.#at + 1];
    this.#at += 2;
    return next ?? this.#escape;
  }

  /** Only a quote, a dollar sign and itself can be escaped there. */
  #escapedInQuotes(): string {
    const next = this.#source[this.#at + 1];
    if (next === undefined)
      throw new SyntaxError('unexpected end of statement while looking for matching double-quote');
    this.#at += 2;
    return next === '"' || next === '$' || next === this.#escape ? next : this.#escape + next;
  }

  #dollar(): string {
    const value = this.#value();
    this.#given += value.length;
    if (this.#given > largestExpansion) throw buildTooLarge('what variables are replaced by', '1 MiB');
    return value;
  }

  #value(): string {
    this.#at++;
    if (this.#source[this.#at] === '{') return this.#nested();
    const name = this.#name();
    return name === '' ? '$' : (this.#variables.get(name) ?? '');
  }

  #nested(): string {
    if (++this.#depth > deepestNesting)
      throw buildTooLarge('the depth of nested variables', `${deepestNesting}`);
    const value = this.#braces();
    this.#depth--;
    return value;
  }

  #name(): string {
    const rest = this.#source.slice(this.#at, this.#at + 4096);
    const name =
      /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0] ?? (special.test(rest[0] ?? '') ? rest.slice(0, 1) : '');
    this.#at += name.length;
    return name;
  }

  #braces(): string {
    this.#at++;
    const name = this.#name();
    if (name === '')
      throw new SyntaxError(
        this.#at >= this.#source.length ? "syntax error: missing '}'" : 'syntax error: bad substitution',
      );
    const value = this.#variables.get(name);
    const modifier = this.#source[this.#at++];
    if (modifier === '}') return value ?? '';
    switch (modifier) {
      case ':':
        return this.#conditional(name, value, true, this.#source[this.#at++] ?? '');
      case '-':
      case '+':
      case '?':
        return this.#conditional(name, value, false, modifier);
      case '#':
      case '%':
        return this.#strip(value ?? '', modifier);
      case '/':
        return this.#replace(value ?? '');
      case undefined:
        throw new SyntaxError("syntax error: missing '}'");
      default:
        throw new SyntaxError(`unsupported modifier (${modifier}) in substitution`);
    }
  }

  #conditional(name: string, value: string | undefined, orEmpty: boolean, modifier: string): string {
    const word = this.#until('}');
    const isSet = value !== undefined && !(orEmpty && value === '');
    switch (modifier) {
      case '-':
        return isSet ? value : word;
      case '+':
        return isSet ? word : '';
      case '?':
        if (!isSet) throw new SyntaxError(`${name}: ${word || 'not allowed to be unset'}`);
        return value;
      default:
        throw new SyntaxError(`unsupported modifier (:${modifier}) in substitution`);
    }
  }

  #strip(value: string, side: '#' | '%'): string {
    const greedy = this.#source[this.#at] === side;
    if (greedy) this.#at++;
    checkCut(value);
    const pattern = this.#until('}');
    return side === '#' ? stripPrefix(value, pattern, greedy) : stripSuffix(value, pattern, greedy);
  }

  #replace(value: string): string {
    const all = this.#source[this.#at] === '/';
    if (all) this.#at++;
    checkCut(value);
    const pattern = this.#until('/');
    const replacement = this.#until('}');
    return replaceMatches(value, pattern, replacement, all);
  }

  /** Up to a delimiter, with what is nested in it. */
  #until(end: string): string {
    let text = '';
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at] ?? '';
      if (char === end) {
        this.#at++;
        return text;
      }
      if (char === "'") text += this.#single();
      else if (char === '"') text += this.#double();
      else if (char === '$') text += this.#dollar();
      else if (char === this.#escape) text += this.#escaped();
      else {
        text += char;
        this.#at++;
      }
    }
    throw new SyntaxError("syntax error: missing '}'");
  }
}

function checkCut({ length }: string): void {
  if (length > largestCut) throw buildTooLarge('a value that a pattern is looked for in', '4 KiB');
}
