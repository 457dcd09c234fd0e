import { addressBytes } from '../../shared/ip-address.js';
import { forgetConnections } from '../kernel/conntrack.js';
import type { Publication } from './nft-ruleset.js';

const numbers = { tcp: 6, udp: 17, sctp: 132 } as const;

/**
 * Forgets the flows that would otherwise miss a change of published ports for as long as they go on: the kernel
 * translates the first packet of a flow only. With UDP nothing ends a flow: a client that asks on keeps the address of a
 * container that is gone, or keeps none, when it asked before the port was open. TCP's connections end by themselves.
 */
export function forgetStaleFlows(change: {
  readonly closed: readonly Publication[];
  readonly opened: readonly Publication[];
}): void {
  for (const family of [4, 6] as const) {
    const closed = change.closed.filter((each) => isFlow(each, family));
    const opened = change.opened.filter((each) => isFlow(each, family));
    if (closed.length + opened.length === 0) continue;
    const ports = new Set(opened.map(({ protocol, hostPort }) => `${numbers[protocol]}/${hostPort}`));
    const targets = closed.map(({ address }) => addressBytes(address));
    forgetConnections(
      family,
      ({ protocol, destinationPort, answersFrom }) =>
        ports.has(`${protocol}/${destinationPort}`) ||
        (protocol !== numbers.tcp && targets.some((address) => address.equals(answersFrom))),
    );
  }
}

function isFlow({ protocol, address, routed, linkedTo }: Publication, family: 4 | 6): boolean {
  return protocol !== 'tcp' && !routed && !linkedTo && address.includes(':') === (family === 6);
}
