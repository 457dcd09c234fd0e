import { formatInvalid } from './errors.js';

export type TokenKind = 'string' | 'number' | 'character' | 'word' | 'field' | 'variable' | 'sign';

export interface Token {
  readonly kind: TokenKind;
  /** A string's or character's content with its escapes read; otherwise as written, a field without its dot. */
  readonly text: string;
  /** `.A.B` is one operand, `.A .B` are two. */
  readonly spaced: boolean;
}

export type Section = { readonly text: string } | { readonly tokens: readonly Token[] };

/** Go's text/template, "Text and spaces" and "Actions": text, and the tokens between `{{` and `}}`. */
export function lex(template: string): readonly Section[] {
  const sections: Section[] = [];
  let trimNext = false;
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{{', at);
    const text = template.slice(at, open < 0 ? undefined : open);
    const trimsBefore = open >= 0 && /^-[ \t\r\n]/.test(template.slice(open + 2, open + 4));
    sections.push({ text: trimmed(text, trimNext, trimsBefore) });
    if (open < 0) break;
    const action = lexAction(template, open + (trimsBefore ? 3 : 2));
    if (action.tokens) sections.push({ tokens: action.tokens });
    trimNext = action.trimsAfter;
    at = action.end;
  }
  return sections;
}

function trimmed(text: string, start: boolean, end: boolean): string {
  const left = start ? text.replace(/^[ \t\r\n]+/, '') : text;
  return end ? left.replace(/[ \t\r\n]+$/, '') : left;
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens: readonly Token[] | undefined;
  readonly trimsAfter: boolean;
  /** Behind `}}`. */
  readonly end: number;
}

function lexAction(template: string, start: number): Action {
  const comment = /^\s*\/\*[\s\S]*?\*\/(\s-)?\}\}/.exec(template.slice(start));
  if (comment) {
    return { tokens: undefined, trimsAfter: comment[1] !== undefined, end: start + comment[0].length };
  }
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const spaces = /^\s*/.exec(template.slice(at))?.[0].length ?? 0;
    at += spaces;
    const rest = template.slice(at);
    if (rest.startsWith('}}')) return { tokens, trimsAfter: false, end: at + 2 };
    if (spaces > 0 && rest.startsWith('-}}')) return { tokens, trimsAfter: true, end: at + 3 };
    if (rest === '') throw formatInvalid(`unclosed action in "${template}"`);
    const [kind, written] = nextToken(rest);
    tokens.push({ kind, text: content(kind, written), spaced: spaces > 0 });
    at += written.length;
  }
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', /^(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`)/],
  ['character', /^'(?:[^'\\\n]|\\.[^']*)'/],
  [
    'number',
    /^[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/,
  ],
  ['variable', /^\$\w*/],
  ['field', /^\.[A-Za-z_]\w*/],
  ['sign', /^(?::=|[=|,().])/],
  ['word', /^[A-Za-z_]\w*/],
];

function nextToken(rest: string): readonly [TokenKind, string] {
  for (const [kind, pattern] of patterns) {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) return [kind, found];
  }
  throw formatInvalid(`unexpected "${[...rest][0]}" in an action`);
}

function content(kind: TokenKind, written: string): string {
  if (kind === 'field') return written.slice(1);
  if (kind !== 'string' && kind !== 'character') return written;
  const inner = written.slice(1, -1);
  return written.startsWith('`') ? inner : withoutEscapes(inner);
}

const simple: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '"': '"', "'": "'" },
};

/** Escapes of Go's strings. */
function withoutEscapes(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([\s\S]))/g,
    (whole, hex, four, eight, octal, letter) => {
      const code = hex ?? four ?? eight;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const plain = simple[letter];
      if (plain === undefined) throw formatInvalid(`unknown escape ${whole} in a string`);
      return plain;
    },
  );
}
