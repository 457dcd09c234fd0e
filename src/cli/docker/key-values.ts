import { isIP } from 'node:net';
import { flagInvalid } from './errors.js';

export function parseLabels(flags: readonly string[]): Readonly<Record<string, string>> {
  return parseKeyValues('--label', flags);
}

/** KEY=VALUE or KEY flags as a map; the last one of a key wins. Throws FLAG_INVALID. */
export function parseKeyValues(flag: string, values: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const each of values) {
    const [key = '', value = ''] = each.split(/=(.*)/s);
    if (key === '') throw flagInvalid(flag, each, 'the key is empty');
    found[key] = value;
  }
  return found;
}

/** KEY=VALUE flags as the API's filters: a map of lists. Throws FLAG_INVALID. */
export function parseFilters(flags: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const filters: Record<string, string[]> = {};
  for (const flag of flags) {
    const [key = '', value] = flag.split(/=(.*)/s);
    if (key.trim() === '' || value === undefined) throw flagInvalid('--filter', flag, 'write KEY=VALUE');
    const name = key.trim().toLowerCase();
    filters[name] = [...(filters[name] ?? []), value.trim()];
  }
  return filters;
}

/** HOST:IP or HOST=IP as the API's HOST:IP; `host-gateway` stands for the host. Throws FLAG_INVALID. */
export function parseExtraHost(flag: string): string {
  const match = /^([^:=]+)[:=](.+)$/.exec(flag);
  const [, host = '', written = ''] = match ?? [];
  const address = /^\[(.*)\]$/.exec(written)?.[1] ?? written;
  if (host === '') throw flagInvalid('--add-host', flag, 'write HOST:IP');
  if (address !== 'host-gateway' && isIP(address) === 0) {
    throw flagInvalid('--add-host', flag, `"${written}" is no IP address`);
  }
  return `${host}:${address}`;
}

/** Throws FLAG_INVALID. */
export function parseDnsServer(flag: string): string {
  if (isIP(flag.trim()) === 0) throw flagInvalid('--dns', flag, 'it is no IP address');
  return flag.trim();
}

/** PATH[:OPTIONS] flags as `HostConfig.Tmpfs`. */
export function parseTmpfs(flags: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    flags.map((flag) => {
      const [path = '', options = ''] = flag.split(/:(.*)/s);
      return [path, options];
    }),
  );
}
