import type { FrontEndAnswer } from '../../../../build/solve/ask-front-end.js';
import { isJsonObject, type JsonObject } from '../../../../shared/json.js';
import { excerptOf } from '../session/solve-failure.js';
import type { Call } from './parse-call.js';

/** What the front end has answered, as docker buildx prints it. */
export function answerText({ question, format }: Call, answer: FrontEndAnswer): string {
  const json = part(answer, 'result.json');
  if (format === 'json' && json !== undefined) return `${json}\n`;
  const value = answerValue(answer);
  const print = printers[question];
  if (print && isJsonObject(value)) return print(value);
  return part(answer, 'result.txt') ?? '';
}

export function answerValue(answer: FrontEndAnswer): unknown {
  const json = part(answer, 'result.json');
  return json === undefined ? undefined : JSON.parse(json);
}

/** The exit code of the command: 1 where a check has found something. */
export function answerStatus({ ignoresStatus }: Call, answer: FrontEndAnswer): number {
  return ignoresStatus ? 0 : Number(part(answer, 'result.statuscode') ?? 0);
}

function part(answer: FrontEndAnswer, name: string): string | undefined {
  const bytes = answer.get(name);
  return bytes && Buffer.from(bytes).toString();
}

const printers: Readonly<Record<string, (value: JsonObject) => string>> = {
  lint: lintText,
  outline: outlineText,
  targets: targetsText,
};

function lintText(value: JsonObject): string {
  const warnings = listOf(value['warnings']);
  const sources = listOf(value['sources']);
  if (warnings.length === 0) return 'Check complete, no warnings found.\n';
  const found =
    warnings.length === 1 ? '1 warning has been found!' : `${warnings.length} warnings have been found!`;
  const texts = warnings.map((warning) => warningText(warning, sources));
  return `Check complete, ${found}\n${texts.join('')}`;
}

function warningText(warning: JsonObject, sources: readonly JsonObject[]): string {
  const { ruleName, url, detail, location } = warning;
  const { sourceIndex = 0, ranges } = isJsonObject(location) ? location : {};
  const source = sources[Number(sourceIndex)];
  const excerpt = excerptOf(source?.['fileName'], source?.['data'], ranges) ?? '';
  return `\nWARNING: ${textOf(ruleName)}${url ? ` - ${textOf(url)}` : ''}\n${textOf(detail)}\n${excerpt}`;
}

function outlineText(value: JsonObject): string {
  const { name, description } = value;
  const isNamed = Boolean(name) || Boolean(description);
  const head = [
    ['TARGET:', textOf(name) || '(default)'],
    ...(description ? [['DESCRIPTION:', textOf(description)]] : []),
  ];
  const tables = [
    isNamed ? columnsOf(head, 1) : '',
    tableOf(['BUILD ARG', 'VALUE', 'DESCRIPTION'], listOf(value['args'])),
    tableOf(['SECRET', 'REQUIRED'], listOf(value['secrets'])),
    tableOf(['SSH', 'REQUIRED'], listOf(value['ssh'])),
  ];
  return tables
    .filter(Boolean)
    .map((table) => `${table}\n`)
    .join('');
}

/** The first column is the name. */
function tableOf(titles: readonly string[], items: readonly JsonObject[]): string {
  if (items.length === 0) return '';
  const [, ...others] = titles.map((title) => title.toLowerCase());
  return columnsOf(
    [titles, ...items.map((item) => [item['name'], ...others.map((key) => item[key])].map(textOf))],
    3,
  );
}

function targetsText(value: JsonObject): string {
  const rows = listOf(value['targets']).map((target) => {
    const name = textOf(target['name']);
    const isDefault = target['default'] === true;
    const label = name === '' && isDefault ? '(default)' : `${name}${isDefault ? ' (default)' : ''}`;
    return [label, textOf(target['description'])];
  });
  return columnsOf([['TARGET', 'DESCRIPTION'], ...rows], 1);
}

/** As Go's tabwriter: every cell but the last is filled up, also before an empty one. */
function columnsOf(rows: readonly (readonly string[])[], gap: number): string {
  const widths = (rows[0] ?? []).map(
    (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + gap,
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number'
    ? String(value)
    : '';
}
