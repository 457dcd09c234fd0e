import {
  connectionsIn,
  conntrackDeletion,
  conntrackListing,
  type TrackedConnection,
} from './conntrack-message.js';
import { askNetfilter } from './netlink.js';

export type { TrackedConnection } from './conntrack-message.js';

/**
 * Makes the kernel forget the connections that `test` picks, in the present network namespace: what comes next of them
 * is looked at as something new. Answers how many there were.
 */
export function forgetConnections(family: 4 | 6, test: (connection: TrackedConnection) => boolean): number {
  const found = askNetfilter(conntrackListing(family)).flatMap(connectionsIn).filter(test);
  for (const { original } of found) askNetfilter(conntrackDeletion(family, original)); // one may have ended by itself
  return found.length;
}
