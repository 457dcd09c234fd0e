import { renderTable } from './table.js';
import type { Node } from './template/ast.js';
import { formatInvalid } from './template/errors.js';
import { type Evaluation, evaluate } from './template/evaluate.js';
import { type TemplateFunction, templateFunctions } from './template/functions.js';
import { parseTemplate } from './template/parser.js';

/** The values of one row by field name; nested objects are reached by `.A.B`. */
export type TemplateData = object;

export interface FormatOptions {
  /** Header of each field for `table …`; a field without one gets its name in capitals. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Prints `<no value>` for a field that is not there, as Go does for maps; otherwise FORMAT_INVALID. */
  readonly lenient?: boolean;
  /** Of the columns of `table …`, as in `renderTable`. */
  readonly minimumWidth?: number;
}

/**
 * Renders rows by a template of Go's text/template with docker's functions (see `template/`), `\t` and `\n` outside
 * of actions, and a leading `table` for headers and aligned columns. Each row ends with a newline. Throws
 * FORMAT_INVALID.
 */
export function formatRows(
  format: string,
  rows: readonly TemplateData[],
  options: FormatOptions = {},
): string {
  if (/^(json|\{\{ *json \. *\}\})$/.test(format)) return rows.map((row) => `${rowJson(row)}\n`).join('');
  const isTable = /^table(\s|$)/.test(format);
  const written = parseTemplate(isTable ? format.slice('table'.length).trimStart() : format);
  const template = withEscapes(written);
  const evaluation: Evaluation = {
    functions: templateFunctions,
    field: (value, path) => fieldOf(value, path, options.lenient ?? false),
    method,
  };
  const lines = rows.map((row) => evaluate(template, row, evaluation));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  const header = evaluate(template, headerRow, headerEvaluation(options.headers ?? {}));
  return renderTable(
    [header, ...lines].map((line) => line.split('\t')),
    options.minimumWidth,
  );
}

/** As Go writes JSON for pages: what HTML would read is escaped. */
function rowJson(row: TemplateData): string {
  return JSON.stringify(row).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Stands for the row when the headers are rendered: every field gives its header. */
const headerRow = Symbol('headers');

function headerEvaluation(headers: Readonly<Record<string, string>>): Evaluation {
  const field = (_: unknown, path: readonly string[]): string => {
    const name = path.at(-1) ?? '';
    return headers[name] ?? name.toUpperCase();
  };
  // The header of a label is the last part of its name.
  const labelHeader = (_: unknown, path: readonly string[], [name]: readonly unknown[]) =>
    path.join('.') === 'Label' ? String(name).replace(/^.*\./, '').replace(/[-_]/g, ' ') : field(_, path);
  return { functions: headerFunctions, field, method: labelHeader };
}

/** A header is a text whatever its field is: these leave it as it is, as docker's do. */
const headerFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...templateFunctions,
  ...Object.fromEntries(
    ['json', 'prettyjson', 'join', 'split', 'title'].map((name) => [name, (value) => value]),
  ),
};

function fieldOf(start: unknown, path: readonly string[], lenient: boolean): unknown {
  let value = start;
  for (const key of path) {
    const found = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    if (!found) {
      if (lenient) return undefined;
      throw formatInvalid(`there is no field "${path.join('.')}"`, knownFields(value));
    }
    value = Reflect.get(Object(value), key);
  }
  return value;
}

function method(value: unknown, path: readonly string[], values: readonly unknown[]): unknown {
  const called = fieldOf(value, path, true);
  if (typeof called !== 'function') throw formatInvalid(`.${path.join('.')} is not a function`);
  return called(...values);
}

function knownFields(value: unknown): readonly string[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? [`use one of ${Object.keys(value).join(', ')}`] : [];
}

function withEscapes(nodes: readonly Node[]): readonly Node[] {
  return nodes.map((node) => {
    if (node.kind === 'text') return { ...node, text: expandEscapes(node.text) };
    if (!('body' in node)) return node;
    return { ...node, body: withEscapes(node.body), otherwise: withEscapes(node.otherwise) };
  });
}

function expandEscapes(text: string): string {
  return text.replace(/\\([tn\\])/g, (_, letter: string) => ({ t: '\t', n: '\n' })[letter] ?? '\\');
}
