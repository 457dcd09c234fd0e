import type { LogEntry } from '../log-entry.js';
import type { SinkAddress, SinkTls } from './log-sink.js';

export interface SyslogOptions {
  readonly address: SinkAddress;
  readonly facility: number;
  readonly format: '' | 'rfc3164' | 'rfc5424' | 'rfc5424micro';
}

/** The driver's options; Docker's defaults. Throws RangeError in moby's words (daemon/logger/syslog). */
export function parseSyslogOptions(options: Readonly<Record<string, string>>): SyslogOptions {
  const format = options['syslog-format'] ?? '';
  if (!isFormat(format)) throw new RangeError('Invalid syslog format');
  return {
    address: parseAddress(options['syslog-address'] ?? '', tlsOf(options)),
    facility: parseFacility(options['syslog-facility'] ?? 'daemon'),
    format,
  };
}

/** One message, with the end that a stream needs. */
export function syslogMessage(
  { stream, time, payload }: LogEntry,
  { address, facility, format }: SyslogOptions,
  { tag, hostname }: { readonly tag: string; readonly hostname: string },
): Buffer {
  const priority = facility * 8 + (stream === 'stderr' ? ERROR : INFORMATIONAL);
  const head = headOf(format, new Date(Number(time / 1_000_000n)), { tag, hostname, micros: time / 1000n });
  const end = address.transport === 'udp' || address.transport === 'unixgram' ? '' : '\n';
  const parts = [Buffer.from(`<${priority}>${head}`), withoutNewline(payload), Buffer.from(end)];
  const message = Buffer.concat(parts);
  // RFC 5425: the length goes first. As moby does it, for RFC 5424's formats only.
  const isCounted = address.transport === 'tcp+tls' && format.startsWith('rfc5424');
  return isCounted ? Buffer.concat([Buffer.from(`${message.length} `), message]) : message;
}

function headOf(
  format: SyslogOptions['format'],
  date: Date,
  { tag, hostname, micros }: { readonly tag: string; readonly hostname: string; readonly micros: bigint },
): string {
  const { pid } = process;
  const name = `${tag}[${pid}]: `;
  if (format === '') return `${stamp(date)} ${name}`;
  if (format === 'rfc3164') return `${stamp(date)} ${hostname} ${name}`;
  const seconds = date.toISOString().slice(0, 19);
  const time =
    format === 'rfc5424' ? `${seconds}Z` : `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}Z`;
  return `1 ${time} ${hostname} ${tag} ${pid} ${tag} - `;
}

/** RFC 3164: "Jan  2 15:04:05", in the host's zone. */
function stamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const month = 'JanFebMarAprMayJunJulAugSepOctNovDec'.slice(date.getMonth() * 3).slice(0, 3);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${month} ${String(date.getDate()).padStart(2)} ${time}`;
}

function parseAddress(text: string, tls: SinkTls): SinkAddress {
  if (text === '') return { transport: 'unixgram', path: '/dev/log' };
  const [, scheme = '', rest = ''] = /^([\w+]+):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === 'unix' || scheme === 'unixgram') return { transport: scheme, path: rest };
  if (scheme !== 'udp' && scheme !== 'tcp' && scheme !== 'tcp+tls') {
    throw new RangeError(`unsupported scheme: '${scheme}'`);
  }
  const [, six, four, port = '514'] = /^(?:\[([\da-fA-F:.]+)\]|([^:/]+))(?::(\d+))?$/.exec(rest) ?? [];
  const host = six ?? four;
  if (host === undefined || Number(port) > 65_535) throw new RangeError(`invalid syslog-address: ${text}`);
  const place = { host, port: Number(port) };
  return scheme === 'tcp+tls' ? { transport: scheme, ...place, tls } : { transport: scheme, ...place };
}

/** As in moby the presence of `syslog-tls-skip-verify` is enough, whatever its value. */
function tlsOf(options: Readonly<Record<string, string>>): SinkTls {
  return {
    ca: options['syslog-tls-ca-cert'] || undefined,
    cert: options['syslog-tls-cert'] || undefined,
    key: options['syslog-tls-key'] || undefined,
    skipVerify: options['syslog-tls-skip-verify'] !== undefined,
  };
}

function parseFacility(text: string): number {
  const byName = facilities.indexOf(text);
  const number = byName === -1 && /^\d{1,2}$/.test(text) ? Number(text) : byName;
  if (number < 0 || number > 23) throw new RangeError('invalid syslog facility');
  return number;
}

/** By their numbers (RFC 5424, 6.2.1). */
const facilities = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['', '', '', '', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

function isFormat(text: string): text is SyslogOptions['format'] {
  return ['', 'rfc3164', 'rfc5424', 'rfc5424micro'].includes(text);
}

export function withoutNewline(payload: Buffer): Buffer {
  return payload.at(-1) === 0x0a ? payload.subarray(0, -1) : payload;
}

const ERROR = 3;
const INFORMATIONAL = 6;
