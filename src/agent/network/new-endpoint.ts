import { endpointSysctls, interfaceNameOption } from './endpoint-options.js';
import { optionInvalid } from './errors.js';
import { macAddressOf, parseAddress } from './ip.js';
import type { LiveNetwork } from './live-network.js';
import type { Attachment, Endpoint } from './network.js';
import type { TakenAddresses } from './network-pools.js';

export function newEndpoint(
  network: LiveNetwork,
  attachment: Attachment,
  made: { readonly id: string; readonly name: string; readonly taken: TakenAddresses },
): Endpoint {
  const { taken, id } = made;
  const ipv4 = parseAddress(taken.address);
  const isOurs = network.remote === undefined; // another driver tells the gateway when the container joins
  const mac = ipv4 ? macAddressOf(ipv4.value) : randomMac(id);
  const ownMac = isOurs ? mac : '';
  return {
    ...taken,
    networkId: network.info.id,
    endpointId: id,
    interface: made.name,
    gateway: isOurs && network.leadsOut && taken.address !== '' ? network.gateway(4) : '',
    gateway6: isOurs && network.leadsOut && taken.address6 !== '' ? network.gateway(6) : '',
    macAddress: attachment.macAddress || taken.macAddress || ownMac,
    priority: attachment.priority ?? 0,
    dnsNames: attachment.dnsNames,
    ...(attachment.linkLocalAddresses?.length && { linkLocalAddresses: attachment.linkLocalAddresses }),
    ...sysctlsOf(attachment.driverOptions, made.name),
  };
}

/** The one that was asked for, or the first free of "eth0", "eth1", … Throws OPTION_INVALID. */
export function interfaceName(
  { driverOptions = {} }: Pick<Attachment, 'driverOptions'>,
  prefix: string,
  others: readonly Endpoint[],
): string {
  const taken = new Set(others.map((endpoint) => endpoint.interface));
  const asked = interfaceNameOption(driverOptions);
  if (asked && taken.has(asked)) throw optionInvalid(`interface name ${asked} is taken by another network`);
  if (asked) return asked;
  let number = 0;
  while (taken.has(`${prefix}${number}`)) number++;
  return `${prefix}${number}`;
}

/** Locally administered, as Docker's, where there is no IPv4 address to make it of. */
function randomMac(endpointId: string): string {
  return `02:42:${endpointId.slice(0, 8).match(/../g)?.join(':')}`;
}

function sysctlsOf(options: Attachment['driverOptions'], name: string): Pick<Endpoint, 'sysctls'> {
  const sysctls = endpointSysctls(options ?? {}, name);
  return Object.keys(sysctls).length > 0 ? { sysctls } : {};
}
