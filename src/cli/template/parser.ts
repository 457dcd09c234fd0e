import type { Branch, Command, Node, Operand, Pipe } from './ast.js';
import { formatInvalid } from './errors.js';
import { lex, type Section, type Token } from './lexer.js';

/** Throws FORMAT_INVALID. */
export function parseTemplate(template: string): readonly Node[] {
  const parser = new Parser(lex(template));
  const { nodes, end } = parser.list();
  if (end) throw formatInvalid(`unexpected {{${end.word}}}`);
  return nodes;
}

interface End {
  readonly word: 'end' | 'else';
  /** Behind `else`: `if …` or `with …`. */
  readonly rest: readonly Token[];
}

interface List {
  readonly nodes: readonly Node[];
  readonly end: End | undefined;
}

class Parser {
  readonly #sections: Iterator<Section>;
  #loops = 0;

  constructor(sections: readonly Section[]) {
    this.#sections = sections.values();
  }

  /** Up to `end`, `else` or the template's end. */
  list(): List {
    const nodes: Node[] = [];
    for (let next = this.#sections.next(); !next.done; next = this.#sections.next()) {
      const section = next.value;
      if ('text' in section) {
        if (section.text !== '') nodes.push({ kind: 'text', text: section.text });
        continue;
      }
      const [first, ...rest] = section.tokens;
      const word = first?.kind === 'word' ? first.text : '';
      if (word === 'end' || word === 'else') return { nodes, end: { word, rest } };
      nodes.push(this.#action(word, section.tokens, rest));
    }
    return { nodes, end: undefined };
  }

  #action(word: string, tokens: readonly Token[], rest: readonly Token[]): Node {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(word, rest);
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw formatInvalid(`{{${word}}} outside of {{range}}`);
        if (rest.length > 0) throw formatInvalid(`{{${word}}} takes no arguments`);
        return { kind: word };
      case 'define':
      case 'template':
      case 'block':
        throw formatInvalid(`{{${word}}} is not supported`);
      default:
        return { kind: 'action', pipe: parsePipe(tokens) };
    }
  }

  #branch(kind: Branch['kind'], tokens: readonly Token[]): Branch {
    const pipe = parsePipe(tokens, kind === 'range' ? 2 : 1);
    if (kind === 'range') this.#loops += 1;
    const { nodes, end } = this.list();
    if (kind === 'range') this.#loops -= 1;
    if (!end) throw formatInvalid(`{{${kind}}} without {{end}}`);
    return { kind, pipe, body: nodes, otherwise: end.word === 'else' ? this.#otherwise(kind, end) : [] };
  }

  #otherwise(kind: Branch['kind'], { rest }: End): readonly Node[] {
    const [next, ...tokens] = rest;
    if (next) {
      if (kind === 'range' || next.text !== kind)
        throw formatInvalid(`unexpected "${next.text}" behind else`);
      return [this.#branch(kind, tokens)]; // its {{end}} ends this one, too
    }
    const { nodes, end } = this.list();
    if (end?.word !== 'end') throw formatInvalid(`{{else}} of {{${kind}}} without {{end}}`);
    return nodes;
  }
}

function parsePipe(tokens: readonly Token[], mostVariables = 1): Pipe {
  const reader = new PipeReader(tokens, mostVariables);
  const pipe = reader.pipe();
  const left = reader.peek();
  if (left) throw formatInvalid(`unexpected "${left.text}" in an action`);
  return pipe;
}

class PipeReader {
  readonly #tokens: readonly Token[];
  readonly #mostVariables: number;
  #at = 0;

  constructor(tokens: readonly Token[], mostVariables: number) {
    this.#tokens = tokens;
    this.#mostVariables = mostVariables;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  pipe(): Pipe {
    const { variables, assigns } = this.#declaration();
    const commands = [this.#command()];
    while (this.#takeSign('|')) commands.push(this.#command());
    for (const [first] of commands.slice(1)) {
      if (first.kind === 'literal') throw formatInvalid('a value cannot stand behind "|"');
    }
    return { variables, assigns, commands };
  }

  #declaration(): Pick<Pipe, 'variables' | 'assigns'> {
    const names: string[] = [];
    let ahead = 0;
    for (; this.peek(ahead)?.kind === 'variable'; ahead += 2) {
      names.push(this.peek(ahead)?.text ?? '');
      if (!isSign(this.peek(ahead + 1), ',')) break;
    }
    const operator = this.peek(ahead + 1);
    if (names.length === 0 || !(isSign(operator, ':=') || isSign(operator, '='))) {
      return { variables: [], assigns: false };
    }
    if (names.length > this.#mostVariables) throw formatInvalid('too many variables before ":="');
    this.#at += ahead + 2;
    return { variables: names, assigns: operator?.text === '=' };
  }

  #command(): Command {
    const first = this.#operand();
    if (!first) throw formatInvalid('missing value in an action');
    const words: Operand[] = [];
    for (let next = this.#operand(); next; next = this.#operand()) words.push(next);
    return [first, ...words];
  }

  /** Undefined before `|`, `)` and the end. */
  #operand(): Operand | undefined {
    const token = this.peek();
    if (!token || isSign(token, '|') || isSign(token, ')')) return undefined;
    this.#at += 1;
    switch (token.kind) {
      case 'string':
        return { kind: 'literal', value: token.text };
      case 'character':
        return { kind: 'literal', value: token.text.codePointAt(0) };
      case 'number':
        return { kind: 'literal', value: Number(token.text.replaceAll('_', '')) };
      case 'variable':
        return { kind: 'variable', name: token.text, path: this.#path() };
      case 'field':
        return { kind: 'dot', path: [token.text, ...this.#path()] };
      case 'word':
        return word(token.text);
      case 'sign':
        return this.#signed(token);
    }
  }

  #signed(token: Token): Operand {
    if (token.text === '.') return { kind: 'dot', path: [] };
    if (token.text !== '(') throw formatInvalid(`unexpected "${token.text}" in an action`);
    const pipe = this.pipe();
    if (!this.#takeSign(')')) throw formatInvalid('unclosed "("');
    return { kind: 'pipe', pipe, path: this.#path() };
  }

  /** The fields that follow without a space. */
  #path(): readonly string[] {
    const path: string[] = [];
    for (let next = this.peek(); next?.kind === 'field' && !next.spaced; next = this.peek()) {
      path.push(next.text);
      this.#at += 1;
    }
    return path;
  }

  #takeSign(text: string): boolean {
    if (!isSign(this.peek(), text)) return false;
    this.#at += 1;
    return true;
  }
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

function word(text: string): Operand {
  switch (text) {
    case 'true':
    case 'false':
      return { kind: 'literal', value: text === 'true' };
    case 'nil':
      return { kind: 'literal', value: null };
    default:
      return { kind: 'function', name: text };
  }
}
