import { TsmachineError } from '../../shared/errors.js';
import type { PortBinding } from './network.js';

export interface EndpointName {
  readonly containerName: string;
  readonly endpointId: string;
}

/** moby, libnetwork/drivers/bridge and libnetwork/portallocator: another container has the port. */
export function portAllocated(endpoint: EndpointName, address: string, port: number): TsmachineError {
  return portTaken(endpoint, `Bind for ${bracketed(address)}:${port} failed: port is already allocated`);
}

/** Every port of a range, or all ephemeral ones, are taken. */
export function allPortsAllocated(endpoint: EndpointName): TsmachineError {
  return portTaken(endpoint, 'all ports are allocated');
}

/** A program of the host has the port, or the host has no such address. `reason` is the kernel's words. */
export function portNotBindable(
  endpoint: EndpointName,
  binding: PortBinding,
  containerAddress: string,
  reason: string,
): TsmachineError {
  const where = `${bracketed(binding.hostAddress)}:${binding.hostPort}`;
  const target = `${containerAddress}:${binding.containerPort}/${binding.protocol}`;
  return portTaken(endpoint, `failed to bind host port for ${where}:${target}: ${reason}`);
}

export function ipv6PortNotSupported(binding: PortBinding): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'IPV6_PORT_NOT_SUPPORTED',
    `publishing ${binding.protocol} ports on IPv6 addresses is not supported: ` +
      `[${binding.hostAddress}]:${binding.hostPort}`,
  );
}

/** moby, libnetwork/endpoint.go. */
export function addressesExhausted(
  networkName: string,
  networkId: string,
  family: 4 | 6 = 4,
): TsmachineError {
  return new TsmachineError(
    'internal',
    'ADDRESSES_EXHAUSTED',
    `no available IPv${family} addresses on this network's address pools: ${networkName} (${networkId})`,
  );
}

/** moby, libnetwork/ipamapi: the very address is another container's. */
export function addressTaken(): TsmachineError {
  return new TsmachineError('permission-denied', 'ADDRESS_TAKEN', 'Address already in use');
}

export function noSubnetContains(address: string): TsmachineError {
  return optionInvalid(`no configured subnet or ip-range contain the IP address ${address}`);
}

/** moby, libnetwork/ipamapi. */
export function poolOverlaps(): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'POOL_OVERLAPS',
    'invalid pool request: Pool overlaps with other one on this address space',
  );
}

export function networkExists(name: string): TsmachineError {
  return new TsmachineError('conflict', 'NETWORK_EXISTS', `network with name ${name} already exists`);
}

export function networkGone(id: string): TsmachineError {
  return new TsmachineError('not-found', 'NETWORK_NOT_FOUND', `network ${id} not found`);
}

/** moby, libnetwork/network.go. */
export function networkInUse(name: string, endpoints: readonly string[]): TsmachineError {
  const list = endpoints.join(', ');
  return new TsmachineError(
    'permission-denied',
    'NETWORK_IN_USE',
    `error while removing network: network ${name} has active endpoints (${list})`,
  );
}

/** moby, libnetwork/types/errors. */
export function endpointExists(containerName: string, networkName: string): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'ENDPOINT_EXISTS',
    `endpoint with name ${containerName} already exists in network ${networkName}`,
  );
}

/** moby, libnetwork/network.go. */
export function networkIsTemplate(name: string): TsmachineError {
  return forbidden('NETWORK_CONFIG_ONLY', `configuration network ${name} cannot have endpoints`);
}

export function templateMissing(name: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'NETWORK_NOT_FOUND',
    `configuration network ${JSON.stringify(name)} does not exist`,
  );
}

export function templateInUse(name: string): TsmachineError {
  return forbidden('NETWORK_IN_USE', `configuration network ${JSON.stringify(name)} is in use`);
}

export function templateWithOperatorFields(): TsmachineError {
  return forbidden(
    'OPTION_INVALID',
    'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.',
  );
}

export function templateOfTemplate(): TsmachineError {
  return forbidden(
    'OPTION_INVALID',
    'a configuration network cannot depend on another configuration network',
  );
}

/** `what` is "user specified configurations" or "network driver options". */
export function templateAndMore(what: string): TsmachineError {
  return forbidden(
    'OPTION_INVALID',
    `${what} are not supported if the network depends on a configuration network`,
  );
}

export function linkNameTaken(bridge: string): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'BRIDGE_NAME_TAKEN',
    `bridge name ${bridge} is taken by another network or by an interface of the host`,
  );
}

/** The kernel has no such kind of interface, or the parent cannot carry one. */
export function driverUnavailable(driver: string, reason: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'NETWORK_DRIVER_UNAVAILABLE',
    `network driver ${driver} cannot be used on this host: ${reason}`,
  );
}

export function optionInvalid(message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'OPTION_INVALID', message);
}

export function optionUnsupported(option: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'OPTION_UNSUPPORTED',
    `${option} is not supported by this engine`,
  );
}

/** moby, libnetwork/ipams/defaultipam. */
export function noFreeSubnet(): TsmachineError {
  return new TsmachineError(
    'internal',
    'NO_FREE_SUBNET',
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    { hints: ['choose a subnet that no route of the host overlaps'] },
  );
}

/** The engine asked for something out of order; our own mistake, not the user's. */
export function nothingReserved(containerId: string): TsmachineError {
  return new TsmachineError(
    'internal',
    'NOTHING_RESERVED',
    `no endpoint reserved for container ${containerId}`,
  );
}

export function endpointFailed(endpoint: EndpointName, networkName: string, cause: unknown): TsmachineError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new TsmachineError(
    'internal',
    'ENDPOINT_FAILED',
    `failed to create endpoint ${endpoint.containerName} on network ${networkName}: ${message}`,
    { cause },
  );
}

function forbidden(code: string, message: string): TsmachineError {
  return new TsmachineError('permission-denied', code, message);
}

function portTaken({ containerName, endpointId }: EndpointName, reason: string): TsmachineError {
  return new TsmachineError(
    'internal',
    'PORT_TAKEN',
    `driver failed programming external connectivity on endpoint ${containerName} (${endpointId}): ${reason}`,
  );
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
