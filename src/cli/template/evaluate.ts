import type { Branch, Command, Node, Operand, Pipe } from './ast.js';
import { formatInvalid } from './errors.js';
import type { TemplateFunction } from './functions.js';
import { goText, isTrue, sortedEntries } from './values.js';

export interface Evaluation {
  readonly functions: Readonly<Record<string, TemplateFunction>>;
  /** The value of a field; undefined is Go's nil. Throws where there is none. */
  field(value: unknown, path: readonly string[]): unknown;
  /** A method of a value, as docker's rows have one for labels. Throws where there is none. */
  method?(value: unknown, path: readonly string[], values: readonly unknown[]): unknown;
}

/** The text that the template makes of the data. Throws FORMAT_INVALID. */
export function evaluate(nodes: readonly Node[], data: unknown, evaluation: Evaluation): string {
  const state = new Evaluator(evaluation);
  state.declare('$', data);
  state.list(nodes, data);
  return state.output;
}

type Flow = 'break' | 'continue' | undefined;

class Evaluator {
  output = '';
  readonly #evaluation: Evaluation;
  /** Innermost last. */
  readonly #variables: { readonly name: string; value: unknown }[] = [];

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  declare(name: string, value: unknown): void {
    this.#variables.push({ name, value });
  }

  list(nodes: readonly Node[], dot: unknown): Flow {
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow) return flow;
    }
    return undefined;
  }

  #node(node: Node, dot: unknown): Flow {
    switch (node.kind) {
      case 'text':
        this.output += node.text;
        return undefined;
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.output += goText(value);
        return undefined;
      }
      case 'break':
      case 'continue':
        return node.kind;
      case 'range':
        return this.#range(node, dot);
      default:
        return this.#condition(node, dot);
    }
  }

  #condition({ kind, pipe, body, otherwise }: Branch, dot: unknown): Flow {
    const depth = this.#variables.length;
    const value = this.#pipe(pipe, dot);
    const inner = kind === 'with' ? value : dot;
    const flow = isTrue(value) ? this.list(body, inner) : this.list(otherwise, dot);
    this.#variables.length = depth;
    return flow;
  }

  /** break and continue end here. */
  #range({ pipe, body, otherwise }: Branch, dot: unknown): Flow {
    const depth = this.#variables.length;
    const items = entriesOf(this.#pipe({ ...pipe, variables: [] }, dot));
    for (const [key, item] of items) {
      const inner = this.#variables.length;
      this.#bind(pipe, key, item);
      const flow = this.list(body, item);
      this.#variables.length = inner;
      if (flow === 'break') break;
    }
    const flow = items.length === 0 ? this.list(otherwise, dot) : undefined;
    this.#variables.length = depth;
    return flow;
  }

  #bind({ variables, assigns }: Pipe, key: unknown, item: unknown): void {
    const values = variables.length === 1 ? [item] : [key, item];
    for (const [at, name] of variables.entries()) {
      if (assigns) this.#assign(name, values[at]);
      else this.declare(name, values[at]);
    }
  }

  #pipe({ commands, variables, assigns }: Pipe, dot: unknown): unknown {
    let value: unknown;
    for (const [at, command] of commands.entries()) {
      value = this.#command(command, dot, at === 0 ? [] : [value]);
    }
    for (const name of variables) {
      if (assigns) this.#assign(name, value);
      else this.declare(name, value);
    }
    return value;
  }

  /** `piped` is what stood before "|": the function's last argument. */
  #command([first, ...words]: Command, dot: unknown, piped: readonly unknown[]): unknown {
    if (first.kind !== 'function') {
      if (words.length === 0 && piped.length === 0) return this.#operand(first, dot);
      const { method } = this.#evaluation;
      if (first.kind !== 'dot' || first.path.length === 0 || !method) {
        throw formatInvalid(`${nameOf(first)} is not a function`);
      }
      return method(dot, first.path, [...words.map((word) => this.#operand(word, dot)), ...piped]);
    }
    if (first.name === 'and' || first.name === 'or') return this.#logic(first.name, words, dot, piped);
    const values = [...words.map((word) => this.#operand(word, dot)), ...piped];
    return this.#call(first.name, values);
  }

  /** The first argument that decides, else the last; those behind it are not looked at. */
  #logic(name: 'and' | 'or', words: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    const later = [
      ...words.map((word) => () => this.#operand(word, dot)),
      ...piped.map((value) => () => value),
    ];
    if (later.length === 0) throw formatInvalid(`${name} needs an argument`);
    let value: unknown;
    for (const evaluateNext of later) {
      value = evaluateNext();
      if (isTrue(value) === (name === 'or')) return value;
    }
    return value;
  }

  #call(name: string, values: readonly unknown[]): unknown {
    const { functions } = this.#evaluation;
    const called = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!called) throw formatInvalid(`function "${name}" is not defined`);
    if (values.length < called.length) throw formatInvalid(`${name} needs ${called.length} arguments`);
    return called(...values);
  }

  #operand(operand: Operand, dot: unknown): unknown {
    const { field } = this.#evaluation;
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return operand.path.length === 0 ? dot : field(dot, operand.path);
      case 'variable': {
        const { value } = this.#variable(operand.name);
        return operand.path.length === 0 ? value : field(value, operand.path);
      }
      case 'pipe': {
        const value = this.#pipe(operand.pipe, dot);
        return operand.path.length === 0 ? value : field(value, operand.path);
      }
      case 'function':
        return this.#command([operand], dot, []);
    }
  }

  #assign(name: string, value: unknown): void {
    this.#variable(name).value = value;
  }

  #variable(name: string): { value: unknown } {
    const found = this.#variables.findLast((variable) => variable.name === name);
    if (!found) throw formatInvalid(`undefined variable "${name}"`);
    return found;
  }
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item, at) => [at, item] as const);
  if (typeof value === 'number')
    return Array.from({ length: Math.max(0, value) }, (_, at) => [at, at] as const);
  if (typeof value === 'object') return sortedEntries(value);
  throw formatInvalid('range cannot walk over this value');
}

function nameOf(operand: Operand): string {
  if (operand.kind === 'dot') return `.${operand.path.join('.')}`;
  return operand.kind === 'variable' ? operand.name : 'a value';
}
