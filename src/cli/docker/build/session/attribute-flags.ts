import type { CacheEntry } from '../../../../build/cache/cache-entry.js';
import { csvFields } from '../../csv.js';
import { flagInvalid } from '../../errors.js';

/** "type=registry,ref=a/b" or, in short, what `short` makes of a value without "=". Throws FLAG_INVALID. */
export function parseTyped(flag: string, text: string, short: (value: string) => CacheEntry): CacheEntry {
  const fields = csvFields(text);
  const [only = ''] = fields;
  if (fields.length <= 1 && !only.includes('=')) return short(text);
  const attributes: Record<string, string> = {};
  for (const field of fields) {
    const [name = '', value] = field.split(/=(.*)/s);
    if (value === undefined) throw flagInvalid(flag, text, `"${field}" is no NAME=VALUE`);
    attributes[name.trim().toLowerCase()] = value;
  }
  const { type, ...rest } = attributes;
  if (!type) throw flagInvalid(flag, text, 'the type is missing');
  return { type, attributes: rest };
}

/** `--cache-from` and `--cache-to`: an image, or "type=…,…". Throws FLAG_INVALID. */
export function parseCache(flag: '--cache-from' | '--cache-to', text: string): readonly CacheEntry[] {
  const isShort = !text.includes('=');
  const registry = (ref: string): CacheEntry => ({ type: 'registry', attributes: { ref } });
  if (isShort) return text.split(',').filter(Boolean).map(registry);
  return [parseTyped(flag, text, registry)];
}

/** `--attest`, `--provenance` and `--sbom` by type; what is turned off is left out. Throws FLAG_INVALID. */
export function parseAttestations(flags: {
  readonly attest?: readonly string[] | undefined;
  readonly provenance?: string | undefined;
  readonly sbom?: string | undefined;
}): Readonly<Record<string, string>> {
  const short = (name: string) => (value: string | undefined) =>
    value === undefined ? [] : [written(name, value)];
  const all = [
    ...(flags.attest ?? []),
    ...short('provenance')(flags.provenance),
    ...short('sbom')(flags.sbom),
  ];
  const found: Record<string, string> = {};
  for (const text of all) {
    const { type, attributes } = parseTyped('--attest', text, (name) => ({ type: name, attributes: {} }));
    const { disabled, ...rest } = attributes;
    if (disabled === 'true') delete found[type];
    else
      found[type] = Object.entries(rest)
        .map(([name, value]) => `${name}=${value}`)
        .join(',');
  }
  return found;
}

function written(type: string, value: string): string {
  if (value === 'true') return `type=${type}`;
  return value === 'false' ? `type=${type},disabled=true` : `type=${type},${value}`;
}
