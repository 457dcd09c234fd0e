import { TsmachineError } from '../shared/errors.js';
import { renderTable } from './table.js';

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
 * Renders rows by the part of Go's templates that `--format` is used with: `{{.Name}}`, `{{.A.B}}`, `{{json .}}`,
 * `{{.A | json}}`, upper, lower, prettyjson, len, join, quoted strings, `\t` and `\n` outside of them, and a leading
 * `table` for headers and aligned columns. Each row ends with a newline. Throws FORMAT_INVALID.
 */
export function formatRows(
  format: string,
  rows: readonly TemplateData[],
  options: FormatOptions = {},
): string {
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const isTable = /^table(\s|$)/.test(format);
  const template = parse(isTable ? format.slice('table'.length).trimStart() : format);
  const lines = rows.map((row) => render(template, (path) => fieldOf(row, path, options.lenient ?? false)));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  const header = renderHeader(template, options.headers ?? {});
  return renderTable(
    [header, ...lines].map((line) => line.split('\t')),
    options.minimumWidth,
  );
}

/** Field path → its functions, in the order they apply; or literal text. */
type Piece = { readonly text: string } | { readonly source: Source; readonly functions: readonly Call[] };
type Source = { readonly path: readonly string[] } | { readonly literal: string };
interface Call {
  readonly name: string;
  readonly argument: string | undefined;
}

function parse(format: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let rest = format;
  for (let open = rest.indexOf('{{'); open >= 0; open = rest.indexOf('{{')) {
    const close = rest.indexOf('}}', open);
    if (close < 0) throw invalid(`unclosed action in "${format}"`);
    pieces.push(
      { text: expandEscapes(rest.slice(0, open)) },
      parseAction(rest.slice(open + 2, close).trim()),
    );
    rest = rest.slice(close + 2);
  }
  pieces.push({ text: expandEscapes(rest) });
  return pieces;
}

function parseAction(action: string): Piece {
  const [first = [], ...filters] = stages(action);
  const calls = filters.map(([name = '', argument]) => ({ name, argument: unquoted(argument) }));
  const source = first.at(-1) ?? '';
  const [name, argument] = first;
  const own =
    first.length > 1 && name ? [{ name, argument: first.length > 2 ? unquoted(argument) : undefined }] : [];
  if (source.startsWith('"'))
    return { source: { literal: unquoted(source) ?? '' }, functions: [...own, ...calls] };
  if (!/^(\.|(\.\w+)+)$/.test(source)) throw invalid(`"{{${action}}}" is not understood`);
  const path = source.split('.').filter((part) => part !== '');
  return { source: { path }, functions: [...own, ...calls] };
}

/** Words of each stage of a pipeline; `join .List ","` keeps its list last, as filters do. */
function stages(action: string): readonly (readonly string[])[] {
  const words = action.match(/"(?:[^"\\]|\\.)*"|\||[^\s|]+/g) ?? [];
  const found: string[][] = [[]];
  for (const word of words) {
    if (word === '|') found.push([]);
    else found.at(-1)?.push(word);
  }
  return found.map((stage) => (stage[0] === 'join' && stage.length === 3 ? swapLast(stage) : stage));
}

function swapLast([name = '', list = '', separator = '']: readonly string[]): readonly string[] {
  return [name, separator, list];
}

function unquoted(word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  if (!word.startsWith('"')) return word;
  try {
    return String(JSON.parse(word));
  } catch {
    throw invalid(`${word} is not a string`);
  }
}

function render(template: readonly Piece[], field: (path: readonly string[]) => unknown): string {
  return template
    .map((piece) => {
      if ('text' in piece) return piece.text;
      const start: unknown = 'literal' in piece.source ? piece.source.literal : field(piece.source.path);
      return goText(piece.functions.reduce((value, call) => apply(call, value), start));
    })
    .join('');
}

function renderHeader(template: readonly Piece[], headers: Readonly<Record<string, string>>): string {
  return template
    .map((piece) => {
      if ('text' in piece) return piece.text;
      if ('literal' in piece.source) return piece.source.literal;
      const name = piece.source.path.at(-1) ?? '';
      return headers[name] ?? name.toUpperCase();
    })
    .join('');
}

function apply({ name, argument }: Call, value: unknown): unknown {
  switch (name) {
    case 'json':
      return JSON.stringify(value);
    case 'prettyjson':
      return JSON.stringify(value, null, 4);
    case 'upper':
      return goText(value).toUpperCase();
    case 'lower':
      return goText(value).toLowerCase();
    case 'title':
      return goText(value).replace(/^./, (letter) => letter.toUpperCase());
    case 'len':
      return Array.isArray(value) ? value.length : goText(value).length;
    case 'join':
      return Array.isArray(value) ? value.join(argument ?? ' ') : goText(value);
    default:
      throw invalid(`function "${name}" is not defined`);
  }
}

function fieldOf(row: TemplateData, path: readonly string[], lenient: boolean): unknown {
  let value: unknown = row;
  for (const key of path) {
    const found = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    if (!found) {
      if (lenient) return '<no value>';
      throw invalid(`there is no field "${path.join('.')}"`, [`use one of ${Object.keys(row).join(', ')}`]);
    }
    value = Reflect.get(Object(value), key);
  }
  return value;
}

/** How Go prints a value with %v. */
function goText(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${goText(item)}`).join(' ')}]`;
}

function expandEscapes(text: string): string {
  return text.replace(/\\([tn\\])/g, (_, letter: string) => ({ t: '\t', n: '\n' })[letter] ?? '\\');
}

function invalid(reason: string, hints: readonly string[] = []): TsmachineError {
  return new TsmachineError('invalid-argument', 'FORMAT_INVALID', `invalid format: ${reason}`, { hints });
}
