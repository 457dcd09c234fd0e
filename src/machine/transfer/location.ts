import { basename, posix } from 'node:path';

/** One side of a copy. */
export type Location = LocalLocation | RemoteLocation;

export interface LocalLocation {
  readonly kind: 'local';
  readonly path: string;
}

export interface RemoteLocation {
  readonly kind: 'remote';
  readonly machine: string;
  /** Instead of the user that the machine is logged in to with. */
  readonly user: string | undefined;
  /** As a shell on the host takes it: relative to the home directory; `~` and wildcards mean what they mean there. */
  readonly path: string;
}

/**
 * `[[user@]machine:]path`, as scp reads it: a colon counts before the first slash only. `localhost:` is this
 * computer, and on Windows so is a drive's letter.
 */
export function parseLocation(text: string, platform: NodeJS.Platform = process.platform): Location {
  const [, user, machine = '', path = ''] = /^(?:([^@/:]+)@)?([^@/:]+):(.*)$/s.exec(text) ?? [];
  if (machine === '' || (platform === 'win32' && /^[a-zA-Z]:/.test(text)))
    return { kind: 'local', path: text };
  if (machine === 'localhost') return { kind: 'local', path: path || '.' };
  return { kind: 'remote', machine, user, path: path || '.' };
}

/** What a copy of the path is called: empty for `.`, `..` and the root, whose content is meant. */
export function nameOf(location: Location, path = location.path): string {
  const name = location.kind === 'local' ? basename(path) : posix.basename(path);
  return name === '.' || name === '..' ? '' : name;
}

/** For messages. */
export function locationText(location: Location): string {
  if (location.kind === 'local') return location.path;
  const user = location.user === undefined ? '' : `${location.user}@`;
  return `${user}${location.machine}:${location.path}`;
}
