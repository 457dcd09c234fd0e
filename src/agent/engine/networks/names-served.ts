import type { Endpoint, Networks } from '../../network/network.js';

/** Whether a container with these endpoints has a name server of its own: not on the default bridge alone. */
export function servesNames(networks: Networks, endpoints: readonly Endpoint[]): boolean {
  return endpoints.some(({ networkId }) => networks.byId(networkId)?.predefined === false);
}
