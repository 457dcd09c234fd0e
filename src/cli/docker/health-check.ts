import { Flags } from '@oclif/core';
import type { CreateBody } from '../../api/client/types.js';
import { parseDuration } from '../../shared/timestamp.js';
import { conflictingOptions, flagInvalid } from './errors.js';
import { parseInteger } from './limits.js';

export const healthFlags = {
  'health-cmd': Flags.string({ description: 'command that checks health', helpValue: 'COMMAND' }),
  'health-interval': Flags.string({ description: 'time between two checks', helpValue: '30s' }),
  'health-timeout': Flags.string({ description: 'time that a check may take', helpValue: '5s' }),
  'health-retries': Flags.string({ description: 'failures in a row that make it unhealthy', helpValue: 'N' }),
  'health-start-period': Flags.string({ description: 'time to start, without failures', helpValue: '1m' }),
  'health-start-interval': Flags.string({
    description: 'time between checks while it starts',
    helpValue: '1s',
  }),
  'no-healthcheck': Flags.boolean({ description: 'without the check that the image has' }),
};

type HealthFlags = Readonly<
  Partial<Record<Exclude<keyof typeof healthFlags, 'no-healthcheck'>, string | undefined>> & {
    'no-healthcheck'?: boolean;
  }
>;

/** Undefined: what the image says. Throws FLAG_INVALID, CONFLICTING_OPTIONS. */
export function healthCheck(flags: HealthFlags): CreateBody['Healthcheck'] {
  const command = flags['health-cmd'];
  const check = {
    ...(command !== undefined && { Test: ['CMD-SHELL', command] }),
    ...duration('Interval', flags, 'health-interval'),
    ...duration('Timeout', flags, 'health-timeout'),
    ...duration('StartPeriod', flags, 'health-start-period'),
    ...duration('StartInterval', flags, 'health-start-interval'),
    ...retries(flags['health-retries']),
  };
  const isEmpty = Object.keys(check).length === 0;
  if (!flags['no-healthcheck']) return isEmpty ? undefined : check;
  if (!isEmpty) throw conflictingOptions('--no-healthcheck conflicts with --health-* options');
  return { Test: ['NONE'] };
}

function retries(text: string | undefined): { readonly Retries?: number } {
  if (text === undefined) return {};
  const Retries = parseInteger('--health-retries', text);
  if (Retries < 0) throw flagInvalid('--health-retries', text, 'it cannot be negative');
  return { Retries };
}

/** In nanoseconds. */
function duration(
  key: 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval',
  flags: HealthFlags,
  name: Exclude<keyof typeof healthFlags, 'no-healthcheck'>,
): object {
  const text = flags[name];
  if (text === undefined) return {};
  const seconds = text === '0' ? 0 : parseDuration(text);
  if (seconds === undefined || seconds < 0) {
    throw flagInvalid(`--${name}`, text, 'write a duration such as 30s or 1m30s');
  }
  return { [key]: Math.round(seconds * 1e9) };
}
