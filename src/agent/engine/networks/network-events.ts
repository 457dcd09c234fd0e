import type { NetworkInfo } from '../../network/network.js';
import type { EventBus } from '../event-bus.js';

/** `container` for connect and disconnect. */
export function publishNetworkEvent(
  events: EventBus,
  { id, name, driver, pluginDriver }: NetworkInfo,
  action: 'create' | 'connect' | 'disconnect' | 'destroy',
  container?: string,
): void {
  const attributes = { ...(container !== undefined && { container }), name, type: pluginDriver ?? driver };
  events.publish({ type: 'network', action, id, attributes });
}
