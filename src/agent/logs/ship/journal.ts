import type { LogEntry } from '../log-entry.js';
import { withoutNewline } from './syslog.js';

/** journald's own socket; where it is, the host has journald. */
export const journalSocket = '/run/systemd/journal/socket';

/** One entry as journald takes it ("Native Journal Protocol"): text as it is, what has newlines with its length. */
export function journalEntry(
  { stream, payload, time }: LogEntry,
  fields: Readonly<Record<string, string>>,
): Buffer {
  const all: readonly (readonly [string, Buffer | string])[] = [
    ...Object.entries(fields),
    ['PRIORITY', stream === 'stderr' ? '3' : '6'],
    ['SYSLOG_TIMESTAMP', new Date(Number(time / 1_000_000n)).toISOString()],
    ...(payload.at(-1) === 0x0a ? [] : [['CONTAINER_PARTIAL_MESSAGE', 'true'] as const]),
    ['MESSAGE', withoutNewline(payload)],
  ];
  return Buffer.concat(all.map(([name, value]) => field(name, Buffer.from(value))));
}

function field(name: string, value: Buffer): Buffer {
  if (!value.includes(0x0a)) return Buffer.concat([Buffer.from(`${name}=`), value, newline]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, newline]);
}

/** A name that journald takes: capitals, digits and underscores, no digit or underscore first. */
export function journalFieldName(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .replace(/^[0-9_]+/, '');
}

const newline = Buffer.from('\n');
