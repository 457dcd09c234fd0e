/** A number as Go prints it: with an exponent, of two digits at least, below 0.0001 and from 1e21 on. */
export function goNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || !Number.isFinite(value) || (size >= 1e-4 && size < 1e21)) return String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}
