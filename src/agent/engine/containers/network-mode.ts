import type { HostConfig } from '../../../api/container-config.js';
import { noSuchNetwork } from '../errors.js';

export type NetworkMode =
  | { readonly type: 'bridge' | 'host' | 'none' }
  | { readonly type: 'container'; readonly container: string };

/** Throws NETWORK_NOT_FOUND for a network that is not one of the predefined ones. */
export function networkMode({ NetworkMode = '' }: HostConfig): NetworkMode {
  if (NetworkMode === 'host' || NetworkMode === 'none') return { type: NetworkMode };
  if (['', 'default', 'bridge'].includes(NetworkMode)) return { type: 'bridge' };
  if (NetworkMode.startsWith('container:')) {
    return { type: 'container', container: NetworkMode.slice('container:'.length) };
  }
  throw noSuchNetwork(NetworkMode);
}
