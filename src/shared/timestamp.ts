const unitSeconds: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/**
 * A time as people write it, in seconds since the epoch: a length of time before now ("10m", "1h30m"), a date or time
 * (local unless it has a zone), or seconds as they are. Undefined for anything else.
 */
export function timestampOf(text: string, nowMilliseconds: number): string | undefined {
  if (/^\d+(\.\d{1,9})?$/.test(text)) return text;
  const seconds = parseDuration(text);
  if (seconds !== undefined) return secondsText(nowMilliseconds / 1000 - seconds, '');
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}(?::\d{2}(?::\d{2})?)?)(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (!match) return undefined;
  const [, date, time = '00', fraction = '', zone = ''] = match;
  const full = `${date}T${time}${':00'.repeat(3 - time.split(':').length)}${zone}`;
  const milliseconds = Date.parse(full);
  return Number.isNaN(milliseconds) ? undefined : secondsText(milliseconds / 1000, fraction);
}

/** Seconds of a Go duration; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d*)?(h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)/g)) {
    seconds += Number(number) * (unitSeconds[unit ?? ''] ?? 0);
  }
  return text.startsWith('-') ? -seconds : seconds;
}

function secondsText(seconds: number, fraction: string): string {
  if (fraction !== '') return `${Math.floor(seconds)}.${fraction.padEnd(9, '0')}`;
  return seconds.toFixed(9);
}
