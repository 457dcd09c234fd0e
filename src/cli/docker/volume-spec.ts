import { resolve } from 'node:path';
import { flagInvalid } from './errors.js';

export interface Volumes {
  /** As `HostConfig.Binds`: "SOURCE:TARGET[:OPTIONS]". */
  readonly binds: readonly string[];
  /** As `Config.Volumes`: anonymous volumes by their target. */
  readonly anonymous: Readonly<Record<string, Record<string, never>>>;
}

/** All `--volume` flags. A source that begins with "." is a path below this directory. Throws FLAG_INVALID. */
export function parseVolumes(specs: readonly string[], directory: string): Volumes {
  const binds: string[] = [];
  const anonymous: Record<string, Record<string, never>> = {};
  for (const spec of specs) {
    const parts = splitSpec(spec);
    if (parts.length === 1) anonymous[spec] = {};
    else binds.push([absolute(parts[0] ?? '', directory), ...parts.slice(1)].join(':'));
  }
  return { binds, anonymous };
}

function splitSpec(spec: string): readonly string[] {
  const parts = spec.split(':');
  const target = parts.length === 1 ? parts[0] : parts[1];
  if (parts.some((part) => part === ''))
    throw flagInvalid('--volume', spec, 'a part between colons is empty');
  if (parts.length > 3) throw flagInvalid('--volume', spec, 'too many colons');
  if (!target?.startsWith('/')) throw flagInvalid('--volume', spec, `"${target}" is not an absolute path`);
  return parts;
}

function absolute(source: string, directory: string): string {
  return source === '.' || source === '..' || /^\.\.?\//.test(source) ? resolve(directory, source) : source;
}
