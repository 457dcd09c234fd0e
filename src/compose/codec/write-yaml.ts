import type { Encoded } from './codec.js';
import { yamlScalar } from './yaml-scalar.js';

/** YAML as go-yaml writes it, two blanks for each level. */
export function writeYaml(value: Encoded): string {
  return `${block(value, '').replace(/^\n/, '')}\n`;
}

/** What stands behind a key or a dash: on the same line, or on lines of its own when it begins with a newline. */
function block(value: Encoded, indent: string): string {
  if (value instanceof Map) return value.size === 0 ? '{}' : `\n${mapping(value, indent)}`;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `\n${sequence(value, indent)}`;
  // Collections are done with.
  return yamlScalar(value as string | number | boolean | null, indent, false);
}

function mapping(entries: ReadonlyMap<string, Encoded>, indent: string): string {
  return [...entries].map(([key, value]) => indent + entryText(key, value, indent)).join('\n');
}

function entryText(key: string, value: Encoded, indent: string): string {
  const text = block(value, `${indent}  `);
  return `${yamlScalar(key, indent, true)}:${text.startsWith('\n') ? '' : ' '}${text}`;
}

function sequence(items: readonly Encoded[], indent: string): string {
  return items
    .map((item) => {
      const text = block(item, `${indent}  `);
      // The first line of what is inside stands beside the dash.
      return `${indent}- ${text.startsWith('\n') ? text.slice(1 + indent.length + 2) : text}`;
    })
    .join('\n');
}
