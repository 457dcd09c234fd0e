/** Names of network interfaces of the host: 15 characters are the most that Linux takes (IFNAMSIZ). */

/** The host's end of an endpoint's veth pair. */
export function hostLinkName(endpointId: string): string {
  return `tsm${endpointId.slice(0, 12)}`;
}

export function isHostLinkName(name: string): boolean {
  return /^tsm[0-9a-f]{12}$/.test(name);
}

/** A network's bridge, unless the user names it. */
export function bridgeNameOf(networkId: string): string {
  return `tsm-${networkId.slice(0, 11)}`;
}

export function isBridgeName(name: string): boolean {
  return /^tsm-[0-9a-f]{11}$/.test(name);
}
