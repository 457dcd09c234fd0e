const unitsNs: Readonly<Record<string, number>> = {
  ...{ ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 },
};

/** Nanoseconds of a duration as Go writes it (`1h30m`, `1.5s`), or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, sign = '', amounts = ''] =
    /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text) ?? [];
  if (amounts === '') return undefined;
  if (amounts === '0') return 0;
  let total = 0;
  for (const [, amount, unit] of amounts.matchAll(/([\d.]+)([^\d.]+)/g)) {
    total += Number(amount) * (unitsNs[unit ?? ''] ?? 0);
  }
  const nanoseconds = Math.round(total);
  return sign === '-' ? -nanoseconds : nanoseconds;
}

/** As Go's time.Duration prints it. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const sign = nanoseconds < 0 ? '-' : '';
  const amount = Math.abs(nanoseconds);
  if (amount < 1e3) return `${sign}${amount}ns`;
  if (amount < 1e6) return `${sign}${decimal(amount, 3)}µs`;
  if (amount < 1e9) return `${sign}${decimal(amount, 6)}ms`;
  const minutes = Math.floor(amount / 60e9);
  const hours = Math.floor(minutes / 60);
  const seconds = `${decimal(amount - minutes * 60e9, 9)}s`;
  if (minutes === 0) return sign + seconds;
  return `${sign}${hours > 0 ? `${hours}h` : ''}${minutes % 60}m${seconds}`;
}

/** The number divided by a power of ten, without a rounding error. */
function decimal(number: number, places: number): string {
  const digits = String(number).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return `${digits.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`;
}
