/** Looks a variable up. */
export type Lookup = (name: string) => string | undefined;

export interface Substitution {
  readonly lookup: Lookup;
  /** Told of each variable that has neither a value nor a default. */
  readonly unset: (name: string) => void;
}

/** The text is no template: a dollar sign stands for nothing that Compose knows. */
export class InvalidTemplateError extends Error {}

/** `${NAME:?message}` of a variable without a value. */
export class MissingVariableError extends Error {}

/** Puts values in for `$NAME`, `${NAME}`, `${NAME:-default}` and so on; `$$` is a dollar sign. */
export function substitute(template: string, substitution: Substitution): string {
  let result = '';
  let at = 0;
  for (;;) {
    const dollar = template.indexOf('$', at);
    if (dollar === -1) return result + template.slice(at);
    result += template.slice(at, dollar);
    const reference = readReference(template, dollar + 1);
    if (reference === undefined) throw new InvalidTemplateError(template);
    result += reference.name === undefined ? '$' : expand(reference, substitution);
    at = reference.end;
  }
}

/** A variable that a text refers to, and what is to be there when it has no value. */
export interface Variable {
  readonly name: string;
  readonly required: boolean;
  readonly defaultValue?: string;
  readonly presenceValue?: string;
}

/** The variables in a text, those in defaults too. */
export function variablesIn(template: string): readonly Variable[] {
  const found: Variable[] = [];
  for (let at = template.indexOf('$'); at !== -1; at = template.indexOf('$', at)) {
    const reference = readReference(template, at + 1);
    at = reference?.end ?? at + 1;
    if (reference?.name === undefined) continue;
    const { name, operator, operand } = reference;
    found.push({
      ...{ name, required: operator.endsWith('?') },
      ...(operator.endsWith('-') ? { defaultValue: operand } : {}),
      ...(operator.endsWith('+') ? { presenceValue: operand } : {}),
    });
    found.push(...variablesIn(operand));
  }
  return found;
}

interface Reference {
  /** Undefined for `$$`. */
  readonly name: string | undefined;
  /** `:-`, `-`, `:?`, `?`, `:+`, `+` or none. */
  readonly operator: string;
  readonly operand: string;
  readonly end: number;
}

const plain = /[_a-z][_a-z0-9]*/iy;
const braced = /^([_a-z][_a-z0-9]*)(?:(:?[-?+])(.*))?$/is;

function readReference(template: string, at: number): Reference | undefined {
  const none = { operator: '', operand: '' };
  if (template[at] === '$') return { ...none, name: undefined, end: at + 1 };
  if (template[at] === '{') {
    const close = closingBrace(template, at);
    const [, name, operator = '', operand = ''] = braced.exec(template.slice(at + 1, close)) ?? [];
    return name === undefined || close === -1 ? undefined : { name, operator, operand, end: close + 1 };
  }
  plain.lastIndex = at;
  const name = plain.exec(template)?.[0];
  return name === undefined ? undefined : { ...none, name, end: at + name.length };
}

function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at++) {
    if (template[at] === '{') depth++;
    if (template[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function expand({ name = '', operator, operand }: Reference, substitution: Substitution): string {
  const value = substitution.lookup(name);
  const there = value !== undefined && !(operator.startsWith(':') && value === '');
  switch (operator.replace(':', '')) {
    case '-':
      return there ? value : substitute(operand, substitution);
    case '+':
      return there ? substitute(operand, substitution) : (value ?? '');
    case '?':
      return there ? value : missing(name, substitute(operand, substitution));
    default:
      if (value === undefined) substitution.unset(name);
      return value ?? '';
  }
}

function missing(name: string, reason: string): never {
  const text = `required variable ${name} is missing a value`;
  throw new MissingVariableError(reason === '' ? text : `${text}: ${reason}`);
}
