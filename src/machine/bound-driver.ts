import type { OperationContext, SecretReader } from '../drivers/driver.js';

/**
 * The driver, or a part of it, with a machine's secrets in the context of everything that is asked of it. A stand-in
 * rather than a copy of each method: no method, of today's contract or a later one's, can be forgotten.
 */
export function withSecrets<Part extends object>(part: Part, secrets: SecretReader): Part {
  const standIn = new Proxy(
    {},
    {
      get(_, key) {
        const value: unknown = Reflect.get(part, key);
        if (typeof value === 'object' && value !== null) return withSecrets(value, secrets);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]): unknown =>
          Reflect.apply(
            value,
            part,
            args.map((arg) => (isContext(arg) ? { ...arg, secrets } : arg)),
          );
      },
      has: (_, key) => Reflect.has(part, key),
    },
  );
  // It has every property of the original and answers as that does.
  return standIn as Part;
}

function isContext(value: unknown): value is OperationContext {
  return typeof value === 'object' && value !== null && 'signal' in value && 'reporter' in value;
}
