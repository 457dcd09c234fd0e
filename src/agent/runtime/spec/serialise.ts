import type { OciProcess, OciResources, OciSpec } from './oci.js';

/** RLIM_INFINITY; the nearest number is 2^64, which `serialiseOci` writes as 2^64 − 1. */
export const RLIM_INFINITY = 2 ** 64;

/**
 * JSON in which integers above 2^53 are digits. JSON.stringify writes 2^64 − 1 as 18446744073709552000, which the
 * runtimes refuse as out of range.
 */
export function serialiseOci(value: OciSpec | OciProcess | OciResources): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && item > Number.MAX_SAFE_INTEGER ? rawInteger(item) : item,
  );
}

function rawInteger(value: number): unknown {
  const integer = BigInt(value);
  const digits = String(integer > UINT64_MAX ? UINT64_MAX : integer);
  // ES2026, in Node since 21; TypeScript's library does not have it yet.
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return rawJSON(digits);
}

const UINT64_MAX = 2n ** 64n - 1n;
