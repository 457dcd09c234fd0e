import { goNumber } from '../file/go-number.js';

/** A scalar in the style that go-yaml chooses; `asKey`: before a colon, on one line. */
export function yamlScalar(value: string | number | boolean | null, indent: string, asKey: boolean): string {
  if (typeof value === 'number') return goNumber(value);
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n')) {
    return !asKey && canBeLiteral(value) ? literal(value, indent) : doubleQuoted(value);
  }
  if (readsAsOther(value)) return doubleQuoted(value);
  const { plain, single } = stylesOf(value);
  if (plain) return value;
  return single ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value);
}

const otherTypes: readonly RegExp[] = [
  /^(?:|~|null|Null|NULL)$/,
  /^(?:true|True|TRUE|false|False|FALSE)$/,
  /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/, // of YAML 1.1
  /^[-+]?(?:\.inf|\.Inf|\.INF)$|^(?:\.nan|\.NaN|\.NAN)$/,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+|[1-9][\d_]*|0)$/,
  /^[-+]?(?:\.[\d_]+|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?\d+)?$/,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/, // base 60 of YAML 1.1
  /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d{1,2}(?::\d{2})?))?)?$/,
];

/** Without quotes it would not be read as a string. */
function readsAsOther(text: string): boolean {
  return otherTypes.some((pattern) => pattern.test(text));
}

/** What go-yaml does not take for printable: control characters, and what is beyond the basic plane. */
const special = /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

function stylesOf(text: string): { readonly plain: boolean; readonly single: boolean } {
  if (special.test(text) || text.includes('\t')) return { plain: false, single: false };
  const indicator =
    /^(?:---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[-?:](?:\s|$)/.test(text) ||
    /:(?:\s|$)/.test(text.slice(1)) ||
    /\s#/.test(text);
  return { plain: !indicator && !text.startsWith(' ') && !text.endsWith(' '), single: true };
}

function canBeLiteral(text: string): boolean {
  return !special.test(text) && !/ \n/.test(text) && !text.endsWith(' ');
}

function literal(text: string, indent: string): string {
  const lead = /^[ \n]/.test(text) ? '2' : '';
  const chomp = text.endsWith('\n') ? (/(?:^|\n)\n$/.test(text) ? '+' : '') : '-';
  const lines = text.replace(/\n$/, '').split('\n');
  return `|${lead}${chomp}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`;
}

const codes: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', '\\': '\\\\', '\0': '\\0', '\x07': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n' },
  ...{
    '\v': '\\v',
    '\f': '\\f',
    '\r': '\\r',
    '\x1b': '\\e',
    '\x85': '\\N',
    '\u2028': '\\L',
    '\u2029': '\\P',
  },
  '\ufeff': '\\uFEFF',
};

function doubleQuoted(text: string): string {
  const inside = [...text].map((char) => {
    const code = codes[char];
    if (code !== undefined) return code;
    return special.test(char) ? codeEscape(char.codePointAt(0) ?? 0) : char;
  });
  return `"${inside.join('')}"`;
}

function codeEscape(code: number): string {
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
