import type { SshKey } from '../../compose/model/build.js';
import { noSuchBuilder } from '../docker/build/errors.js';

/** "default", or "ID=PATH" of a socket or key. */
export function parseSshKey(flag: string): SshKey {
  const [id = '', path] = flag.split(/=(.*)/s);
  return path ? { id, path } : { id };
}

/** Machines build themselves. Throws BUILDER_UNKNOWN. */
export function refuseBuilder(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw noSuchBuilder(name);
}
