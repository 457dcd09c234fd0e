import type { HostConfig } from '../../../api/container-config.js';

export type NetworkMode =
  | { readonly type: 'bridge' | 'host' | 'none' }
  | { readonly type: 'container'; readonly container: string }
  /** A network of the user's: a container can be made for one that is not there, but not started. */
  | { readonly type: 'user'; readonly name: string };

export function networkMode({ NetworkMode = '' }: HostConfig): NetworkMode {
  if (NetworkMode === 'host' || NetworkMode === 'none') return { type: NetworkMode };
  if (['', 'default', 'bridge'].includes(NetworkMode)) return { type: 'bridge' };
  if (NetworkMode.startsWith('container:')) {
    return { type: 'container', container: NetworkMode.slice('container:'.length) };
  }
  return { type: 'user', name: NetworkMode };
}
