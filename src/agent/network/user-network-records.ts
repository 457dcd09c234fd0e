import { bool, type DecodedBy, list, map, object, text } from '../../api/decode.js';
import type { Logger } from '../../shared/logger.js';
import { JsonStore } from '../state/json-store.js';
import type { NetworkDriver, NetworkInfo } from './network.js';

/** The networks of the user's: one file each. */
export function openNetworkRecords(directory: string, logger: Logger): JsonStore<NetworkInfo> {
  return new JsonStore({ directory, decode: decodeNetwork, logger });
}

const record = object({
  id: text,
  name: text,
  created: text,
  driver: text,
  bridge: text,
  enableIpv4: bool,
  enableIpv6: bool,
  internal: bool,
  attachable: bool,
  blocks: list(
    object({ subnet: text, ipRange: text, gateway: text, auxiliaryAddresses: map(text), poolId: text }),
  ),
  options: map(text),
  ipamOptions: map(text),
  labels: map(text),
  configFrom: text,
  pluginDriver: text,
  ipamDriver: text,
});

function decodeNetwork(value: unknown, key: string): NetworkInfo {
  const given: DecodedBy<typeof record> = record(value, '') ?? {};
  const { id, name, driver } = given;
  if (id !== key || !name || !isDriver(driver)) throw new TypeError(`network record ${key} is damaged`);
  return {
    ...{ id, name, driver, predefined: false, created: given.created ?? '', bridge: given.bridge ?? '' },
    blocks: (given.blocks ?? []).map(({ subnet = '', ...rest }) => ({ subnet, ...rest })),
    enableIpv4: given.enableIpv4 ?? true,
    enableIpv6: given.enableIpv6 ?? false,
    internal: given.internal ?? false,
    attachable: given.attachable ?? false,
    options: given.options ?? {},
    ipamOptions: given.ipamOptions ?? {},
    labels: given.labels ?? {},
    ...(given.configFrom && { configFrom: given.configFrom }),
    ...(given.pluginDriver && { pluginDriver: given.pluginDriver }),
    ...(given.ipamDriver && { ipamDriver: given.ipamDriver }),
  };
}

function isDriver(driver: string | undefined): driver is NetworkDriver {
  return drivers.some((each) => each === driver);
}

const drivers: readonly NetworkDriver[] = ['bridge', 'macvlan', 'ipvlan', 'null', 'plugin'];
