import type { Filters } from '../../api/filters.js';
import { timestampOf } from '../../shared/timestamp.js';
import { parseTime } from './containers/logs.js';
import { severalUntil } from './errors.js';

/**
 * `until` of a prune's filters in nanoseconds since the epoch: a time, or how long ago, "24h"; undefined for any time. Throws
 * FILTER_INVALID, and OPTION_INVALID for what is neither.
 */
export function untilOf(filters: Filters): bigint | undefined {
  const [until, ...others] = filters.get('until') ?? [];
  if (others.length > 0) throw severalUntil();
  return until === undefined ? undefined : parseUntil(until);
}

export function parseUntil(text: string): bigint | undefined {
  return parseTime(timestampOf(text, Date.now()) ?? text);
}
