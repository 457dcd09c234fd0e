import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloaded images are kept, for all stores of this user; everything in it may be removed at any time. */
export function imageCache(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tsmachine', 'images');
}
