import type { Encoded } from './codec.js';

/** JSON without blanks, as Go's encoding/json writes it: `<`, `>` and `&` escaped. */
export function compactJson(value: Encoded): string {
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => `${jsonText(key)}:${compactJson(each)}`);
    return `{${entries.join(',')}}`;
  }
  if (isList(value)) return `[${value.map(compactJson).join(',')}]`;
  return typeof value === 'string' ? jsonText(value) : String(value);
}

/** With two blanks for each level, as Go's MarshalIndent. */
export function indentedJson(value: Encoded, indent = ''): string {
  const inside = `${indent}  `;
  if (value instanceof Map) {
    if (value.size === 0) return '{}';
    const entries = [...value].map(
      ([key, each]) => `${inside}${jsonText(key)}: ${indentedJson(each, inside)}`,
    );
    return `{\n${entries.join(',\n')}\n${indent}}`;
  }
  if (isList(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((each) => inside + indentedJson(each, inside)).join(',\n')}\n${indent}]`;
  }
  return compactJson(value);
}

function isList(value: Encoded): value is readonly Encoded[] {
  return Array.isArray(value);
}

const escaped = /[<>&\u2028\u2029]/g;

function jsonText(text: string): string {
  return JSON.stringify(text).replace(
    escaped,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
