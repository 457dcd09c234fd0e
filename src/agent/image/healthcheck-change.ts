import { changeInvalid } from './errors.js';
import type { ImageHealthcheck } from './image-config.js';

/** HEALTHCHECK's arguments: "--interval=5s CMD curl x", "CMD [\"a\"]", "NONE" (docs.docker.com, Dockerfile reference). */
export function parseHealthcheck(
  rest: string,
  jsonList: (text: string) => readonly string[] | undefined,
): ImageHealthcheck {
  const flags: [string, string][] = [];
  let text = rest;
  for (let match = flag.exec(text); match; match = flag.exec(text)) {
    flags.push([match[1] ?? '', match[2] ?? '']);
    text = text.slice(match[0].length);
  }
  const [, type = '', words = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  if (type.toUpperCase() === 'NONE') {
    if (words) throw changeInvalid('HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  if (type.toUpperCase() !== 'CMD') {
    throw changeInvalid(`Unknown type ${JSON.stringify(type.toUpperCase())} in HEALTHCHECK (try CMD)`);
  }
  const argv = jsonList(words);
  if (!words || argv?.length === 0) throw changeInvalid('Missing command after HEALTHCHECK CMD');
  return {
    Test: argv ? ['CMD', ...argv] : ['CMD-SHELL', words],
    ...Object.assign({}, ...flags.map(toField)),
  };
}

const flag = /^--([a-z-]+)=(\S+)\s+/;

const times: Readonly<Record<string, keyof ImageHealthcheck>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};

function toField([name, value]: readonly [string, string]): ImageHealthcheck {
  if (name === 'retries') {
    if (!/^\d+$/.test(value)) throw changeInvalid(`strconv.ParseInt: parsing "${value}": invalid syntax`);
    return { Retries: Number(value) };
  }
  const field = times[name];
  if (!field) throw changeInvalid(`unknown flag: ${name}`);
  return { [field]: nanoseconds(value) };
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's time.ParseDuration: "1m30s", "1.5s". */
function nanoseconds(text: string): number {
  if (text === '0') return 0;
  if (!/^([\d.]+(ns|us|µs|ms|s|m|h))+$/.test(text)) throw changeInvalid(`time: invalid duration "${text}"`);
  const parts = [...text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce(
    (sum, [, number, unit = '']) => sum + Math.round(Number(number) * (units[unit] ?? 0)),
    0,
  );
}
