import { timestampOf } from '../../shared/timestamp.js';
import { timeInvalid } from './errors.js';

/** `--since` and `--until` as the API takes them. Throws TIME_INVALID. */
export function parseTimestamp(flag: string, text: string, nowMilliseconds: number): string {
  const timestamp = timestampOf(text, nowMilliseconds);
  if (timestamp === undefined) throw timeInvalid(flag, text);
  return timestamp;
}
