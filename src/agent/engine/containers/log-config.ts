import { existsSync } from 'node:fs';
import type { HostConfig } from '../../../api/container-config.js';
import { digestHex } from '../../../shared/digest.js';
import { shortId } from '../../../shared/identifiers.js';
import { journalSocket } from '../../logs/ship/journal.js';
import { parseSyslogOptions, type SyslogOptions } from '../../logs/ship/syslog.js';
import { invalidOption, unsupportedOption } from '../errors.js';
import { argvOf, type ContainerRecord } from './record.js';

export type LogConfig = NonNullable<HostConfig['LogConfig']>;

/** What a container's log may take. */
export interface LogLimits {
  /** Bytes after which a new file is begun; undefined for never. */
  readonly maxSize: number | undefined;
  readonly maxFiles: number;
  readonly compress: boolean;
}

/** Filled with the host's, where the container has the same driver or none. Throws OPTION_INVALID in moby's words. */
export function withLogDefaults(given: LogConfig | undefined, host: LogConfig): LogConfig {
  const Type = given?.Type || host.Type || 'json-file';
  const inherited = Type === host.Type ? host.Config : {};
  const config = { Type, Config: { ...inherited, ...given?.Config } };
  validateLogConfig(config);
  return config;
}

/** Throws OPTION_INVALID, OPTION_UNSUPPORTED. */
export function validateLogConfig({ Type = '', Config = {} }: LogConfig): void {
  if (Type === 'none') return;
  if (UNSUPPORTED.has(Type)) throw unsupportedOption(`log driver "${Type}"`);
  if (!(Type in DEFAULTS)) throw invalidOption(`logger: no log driver named '${Type}' is registered`);
  checkMode(Config);
  for (const name of Object.keys(Config)) {
    if (!knownOptions(Type).has(name))
      throw invalidOption(`unknown log opt '${name}' for ${Type} log driver`);
  }
  for (const name of ['labels-regex', 'env-regex']) checkPattern(Config[name]);
  checkTag(Config['tag'] ?? '');
  logLimits({ Type, Config });
  if (Type === 'syslog') syslogOptionsOf({ Type, Config });
  if (Type === 'journald' && !existsSync(journalSocket)) {
    throw invalidOption('journald is not enabled on this host');
  }
}

/** Throws OPTION_INVALID. */
export function syslogOptionsOf({ Config = {} }: LogConfig): SyslogOptions {
  try {
    return parseSyslogOptions(Config);
  } catch (error) {
    throw error instanceof RangeError ? invalidOption(error.message) : error;
  }
}

/** Drivers that send the log elsewhere; what `docker logs` reads is a cache of it, as Docker has it since 20.10. */
export function isShipped({ Type = '' }: LogConfig): boolean {
  return Type === 'syslog' || Type === 'journald';
}

/** Whether `docker logs` can show it. */
export function isReadable(config: LogConfig): boolean {
  const isCached = !parseBoolean(config.Config?.['cache-disabled'] ?? 'false');
  return config.Type !== 'none' && (!isShipped(config) || isCached);
}

/** Throws OPTION_INVALID. */
export function logLimits({ Type = '', Config = {} }: LogConfig): LogLimits {
  const defaults = DEFAULTS[Type] ?? {};
  const prefix = isShipped({ Type }) ? 'cache-' : '';
  const { [`${prefix}max-size`]: size = defaults.size, [`${prefix}max-file`]: files = defaults.files } =
    Config;
  const maxSize = size === undefined || size === '-1' ? undefined : parseSize(size);
  const maxFiles = parseCount(files ?? '1');
  const compress = parseBoolean(Config[`${prefix}compress`] ?? defaults.compress ?? 'false');
  if (Type === 'json-file' && compress && (maxFiles === 1 || maxSize === undefined)) {
    throw invalidOption('compress cannot be true when max-file is less than 2 or max-size is not set');
  }
  return { maxSize, maxFiles, compress };
}

/** The name of a container's messages; its short ID unless the option says otherwise. */
export function logTag(record: ContainerRecord): string {
  return expandTag(record.hostConfig.LogConfig?.Config?.['tag'] || '{{.ID}}', record);
}

/** What the options say to keep of labels and variables. */
export function logAttributes({ config, hostConfig }: ContainerRecord): Readonly<Record<string, string>> {
  const options = hostConfig.LogConfig?.Config ?? {};
  const variables = Object.fromEntries(
    (config.Env ?? []).filter((entry) => entry.includes('=')).map((entry) => splitOnce(entry, '=')),
  );
  return {
    ...chosen(config.Labels ?? {}, options['labels'], options['labels-regex']),
    ...chosen(variables, options['env'], options['env-regex']),
  };
}

/** The attributes that `docker logs --details` shows: "a=b,c=d", keys in order, escaped as in a query. */
export function logDetails(record: ContainerRecord): string {
  const found = {
    ...logAttributes(record),
    ...(record.hostConfig.LogConfig?.Config?.['tag'] && { tag: logTag(record) }),
  };
  return Object.entries(found)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${queryEscaped(key)}=${queryEscaped(value)}`)
    .join(',');
}

const COMMON = ['labels', 'labels-regex', 'env', 'env-regex', 'tag', 'mode', 'max-buffer-size'];
const CACHE = ['cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress'];
const FILES = ['max-size', 'max-file', 'compress'];
const SYSLOG = [
  ...['syslog-address', 'syslog-facility', 'syslog-format'],
  ...['syslog-tls-ca-cert', 'syslog-tls-cert', 'syslog-tls-key', 'syslog-tls-skip-verify'],
];

function knownOptions(type: string): ReadonlySet<string> {
  const own: Readonly<Record<string, readonly string[]>> = {
    syslog: [...CACHE, ...SYSLOG],
    journald: CACHE,
  };
  return new Set([...COMMON, ...(own[type] ?? FILES)]);
}

/** Docker's own: "local" is limited, "json-file" is not. */
const DEFAULTS: Readonly<Record<string, { size?: string; files?: string; compress?: string }>> = {
  'json-file': {},
  local: { size: '20m', files: '5', compress: 'true' },
  // Of their caches.
  syslog: { size: '20m', files: '5', compress: 'true' },
  journald: { size: '20m', files: '5', compress: 'true' },
};

const UNSUPPORTED: ReadonlySet<string> = new Set([
  ...['awslogs', 'etwlogs', 'fluentd', 'gcplogs', 'gelf', 'logentries', 'splunk'],
]);

/** The monitor writes to a file, which does not block: both modes are the same here. */
function checkMode({ mode = '', 'max-buffer-size': buffer }: Readonly<Record<string, string>>): void {
  if (!['', 'blocking', 'non-blocking'].includes(mode)) {
    throw invalidOption(`logger: logging mode not supported: ${mode}`);
  }
  if (buffer === undefined) return;
  if (mode !== 'non-blocking') {
    throw invalidOption("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  }
  parseUnits(buffer, 'error parsing option max-buffer-size: ');
}

function checkPattern(pattern: string | undefined): void {
  try {
    new RegExp(pattern ?? '');
  } catch {
    throw invalidOption(`error parsing regexp: ${pattern}`);
  }
}

function parseSize(text: string): number {
  const size = parseUnits(text, '');
  if (size <= 0) throw invalidOption('max-size must be a positive number');
  return size;
}

/** go-units' FromHumanSize: powers of 1000, whatever the suffix is called. */
function parseUnits(text: string, context: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text);
  if (!match) throw invalidOption(`${context}invalid size: '${text}'`);
  const power = ['', 'k', 'm', 'g', 't', 'p'].indexOf((match[2] ?? '').toLowerCase());
  return Math.trunc(Number(match[1]) * 1000 ** power);
}

function parseCount(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw invalidOption(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  if (Number(text) < 1) throw invalidOption('max-file cannot be less than 1');
  return Number(text);
}

function parseBoolean(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw invalidOption(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function chosen(
  all: Readonly<Record<string, string>>,
  names: string | undefined,
  pattern: string | undefined,
): Readonly<Record<string, string>> {
  const wanted = new Set((names ?? '').split(','));
  const matches = pattern ? new RegExp(pattern) : undefined;
  return Object.fromEntries(Object.entries(all).filter(([key]) => wanted.has(key) || matches?.test(key)));
}

/** Placeholders in moby's list only (daemon/logger/loggerutils, log_tag). */
function checkTag(template: string): void {
  for (const [whole, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (!TAG_NAMES.has(name)) throw invalidOption(`cannot use "${whole}" in a log tag`);
  }
}

const PLACEHOLDER = /\{\{\s*\.?(\w*)\s*\}\}/g;
const TAG_NAMES: ReadonlySet<string> = new Set([
  ...['ID', 'FullID', 'Name', 'ImageID', 'ImageFullID', 'ImageName', 'Command', 'DaemonName'],
]);

function expandTag(template: string, record: ContainerRecord): string {
  const values: Readonly<Record<string, string>> = {
    ID: shortId(record.id),
    FullID: record.id,
    Name: record.name,
    ImageID: shortId(digestHex(record.imageId)),
    ImageFullID: record.imageId,
    ImageName: record.config.Image ?? '',
    Command: argvOf(record.config).join(' '),
    DaemonName: 'docker',
  };
  return template.replace(PLACEHOLDER, (_whole, name: string) => values[name] ?? '');
}

/** Go's url.QueryEscape. */
function queryEscaped(text: string): string {
  return encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
