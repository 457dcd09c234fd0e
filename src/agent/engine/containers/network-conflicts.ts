import type { CreateRequest } from '../../../api/container-config.js';
import { invalidOption } from '../errors.js';
import { networkMode } from './network-mode.js';

/** What a container without a network namespace of its own cannot have. Throws OPTION_INVALID in moby's words. */
export function refuseNetworkConflicts(request: CreateRequest): void {
  const { HostConfig: host = {}, MacAddress, ExposedPorts } = request;
  if (/^container:?$/.test(host.NetworkMode ?? '')) {
    throw invalidOption('Invalid network mode: invalid container format container:<name|id>');
  }
  const { type } = networkMode(host);
  if (host.Links?.length && type === 'host') linksConflict('host type networking');
  if (host.Links?.length && type === 'container') linksConflict('container type network');
  if (type !== 'container') {
    if (host.UTSMode === 'host' && request.Hostname) conflict('hostname and the UTS mode');
    if (type === 'host' && MacAddress) conflict('mac-address and the network mode');
    return;
  }
  if (request.Hostname) conflict('hostname and the network mode');
  if (host.Dns?.length) conflict('dns and the network mode');
  if (host.ExtraHosts?.length) conflict('custom host-to-IP mapping and the network mode');
  if (MacAddress) conflict('mac-address and the network mode');
  if (isFilled(host.PortBindings) || host.PublishAllPorts) {
    conflict('port publishing and the container type network mode');
  }
  if (isFilled(ExposedPorts)) conflict('port exposing and the container type network mode');
}

function linksConflict(what: string): never {
  conflict(`${what} can't be used with links. This would result in undefined behavior`);
}

function isFilled(value: object | undefined): boolean {
  return value !== undefined && Object.keys(value).length > 0;
}

function conflict(options: string): never {
  throw invalidOption(`conflicting options: ${options}`);
}
