import type { EventMessage } from '../../api/event.js';
import { formatRows } from '../format-template.js';

/** One line as docker prints it: local time with nanoseconds, type, action, ID and sorted attributes. */
export function eventLine(event: EventMessage, format: string | undefined): string {
  if (format !== undefined) return formatRows(format, [event], { lenient: true });
  const attributes = Object.entries(event.Actor.Attributes)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(', ');
  const suffix = attributes === '' ? '' : ` (${attributes})`;
  return `${localTime(event)} ${event.Type} ${event.Action} ${event.Actor.ID}${suffix}\n`;
}

/** timeNano is beyond the precision of a number: the last digits come out rounded, and only they. */
function localTime({ time, timeNano }: EventMessage): string {
  const nanoseconds = timeNano > 0 ? timeNano - time * 1e9 : 0;
  const fraction = String(Math.min(Math.max(0, Math.round(nanoseconds)), 999_999_999)).padStart(9, '0');
  const offset = -new Date(time * 1000).getTimezoneOffset();
  const shifted = new Date((time + offset * 60) * 1000).toISOString().slice(0, 19);
  return `${shifted}.${fraction}${zoneText(offset)}`;
}

function zoneText(minutes: number): string {
  if (minutes === 0) return 'Z';
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
