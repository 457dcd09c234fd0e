/** RFC 3339 in UTC with nanoseconds, as Go prints time.Time in JSON: "2026-11-23T20:54:48.402196486Z". */
export function formatNanoTime(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}

/** Nanoseconds since the epoch; undefined when the text is not RFC 3339. Offsets are honoured. */
export function parseNanoTime(text: string): bigint | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (!match) return undefined;
  const milliseconds = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** Now, in nanoseconds since the epoch, never going backwards within this process. */
export function nowNanos(): bigint {
  const now = epoch + process.hrtime.bigint();
  return now;
}

const epoch = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
