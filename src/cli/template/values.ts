import { formatInvalid } from './errors.js';

// JavaScript values in the part of Go's that they stand for: JSON's, with whole numbers as int.

/** As Go's %v prints it, and a template an action's value. */
export function goText(value: unknown): string {
  return value === undefined || value === null ? '<no value>' : goValue(value);
}

/** %v within another value, or as an argument of `print`. */
export function goValue(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value === 'number') return goNumber(value);
  if (typeof value !== 'object') return String(value);
  return `map[${sortedEntries(value)
    .map(([key, item]) => `${key}:${goValue(item)}`)
    .join(' ')}]`;
}

/** Go's %v of a float64 turns to an exponent at 1e21 and below 1e-4, with two digits at least. */
function goNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const plain = Math.abs(value) >= 1e-4 && Math.abs(value) < 1e21;
  const text = plain ? String(value) : value.toExponential();
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Keys in Go's order, which is that of their bytes. */
export function sortedEntries(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).sort(([left], [right]) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
}

/** Neither false, 0, nil nor empty. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

export function typeName(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

export function isNothing(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** Of values of one basic kind. Throws FORMAT_INVALID for others, as Go's eq and lt do. */
export function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return Math.sign(left - right);
  if (typeof left === 'string' && typeof right === 'string') {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  throw formatInvalid('incompatible types for comparison');
}

export function isEqual(left: unknown, right: unknown): boolean {
  if (isNothing(left) || isNothing(right)) return isNothing(left) && isNothing(right);
  if (typeof left === 'object' || typeof right === 'object') {
    throw formatInvalid('non-comparable type in a comparison');
  }
  if (typeof left !== typeof right) throw formatInvalid('incompatible types for comparison');
  return left === right;
}
