import { isIP } from 'node:net';
import { flagInvalid } from './errors.js';

interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

export interface PublishedPorts {
  /** As `Config.ExposedPorts`: "80/tcp" → {}. */
  readonly exposed: Readonly<Record<string, Record<string, never>>>;
  /** As `HostConfig.PortBindings`. */
  readonly bindings: Readonly<Record<string, readonly PortBinding[]>>;
}

export interface PortMapping {
  /** "80/tcp". */
  readonly port: string;
  readonly binding: PortBinding;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const protocols = ['tcp', 'udp', 'sctp'];

/** All of `--publish` and `--expose` together. Throws FLAG_INVALID. */
export function parsePublishedPorts(publish: readonly string[], expose: readonly string[]): PublishedPorts {
  const exposed: Record<string, Record<string, never>> = {};
  const bindings: Record<string, PortBinding[]> = {};
  for (const { port, binding } of publish.flatMap(parsePortSpec)) {
    exposed[port] = {};
    bindings[port] = [...(bindings[port] ?? []), binding];
  }
  for (const port of expose.flatMap(parseExposedPort)) exposed[port] = {};
  return { exposed, bindings };
}

/**
 * [[IP:][HOST_PORT]:]CONTAINER_PORT[/PROTOCOL] with ranges, as docker's `--publish` takes it
 * (go-connections, nat.ParsePortSpec). Throws FLAG_INVALID.
 */
export function parsePortSpec(spec: string): readonly PortMapping[] {
  const fail = (why: string) => flagInvalid('--publish', spec, why);
  const { ip, hostPort, containerPort } = split(spec);
  const { ports, protocol } = splitProtocol(containerPort, fail);
  const container = parseRange(ports) ?? raise(fail(`"${ports}" is no port`));
  const host =
    hostPort === '' ? undefined : (parseRange(hostPort) ?? raise(fail(`"${hostPort}" is no port`)));
  const address = parseAddress(ip, fail);
  const count = container.end - container.start + 1;
  // A range of host ports for one container port means: any free one of them.
  if (host && count > 1 && host.end - host.start + 1 !== count) throw fail('the two ranges differ in length');
  return Array.from({ length: count }, (_, index) => ({
    port: `${container.start + index}/${protocol}`,
    binding: { HostIp: address, HostPort: hostPortText(host, index, count) },
  }));
}

/** PORT[-PORT][/PROTOCOL] of `--expose`. Throws FLAG_INVALID. */
export function parseExposedPort(spec: string): readonly string[] {
  const fail = (why: string) => flagInvalid('--expose', spec, why);
  const { ports, protocol } = splitProtocol(spec, fail);
  const { start, end } = parseRange(ports) ?? raise(fail(`"${ports}" is no port`));
  return Array.from({ length: end - start + 1 }, (_, index) => `${start + index}/${protocol}`);
}

/** An IPv6 address has colons too: the last two parts are ports, all before them is the address. */
function split(spec: string): {
  readonly ip: string;
  readonly hostPort: string;
  readonly containerPort: string;
} {
  const parts = spec.split(':');
  const containerPort = parts.pop() ?? '';
  const hostPort = parts.pop() ?? '';
  return { ip: parts.join(':'), hostPort, containerPort };
}

function splitProtocol(text: string, fail: (why: string) => Error): { ports: string; protocol: string } {
  const [ports = '', protocol = ''] = text.split(/\/(.*)/s);
  if (ports === '') throw fail('no port of the container');
  const name = protocol === '' ? 'tcp' : protocol.toLowerCase();
  if (!protocols.includes(name)) throw fail(`"${protocol}" is no protocol; use tcp, udp or sctp`);
  return { ports, protocol: name };
}

function parseAddress(ip: string, fail: (why: string) => Error): string {
  const address = /^\[(.*)\]$/.exec(ip)?.[1] ?? ip;
  if (address !== '' && isIP(address) === 0) throw fail(`"${ip}" is no IP address`);
  return address;
}

function parseRange(text: string): Range | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] === undefined ? start : Number(match[2]);
  return start <= end && end <= 65_535 ? { start, end } : undefined;
}

function hostPortText(host: Range | undefined, index: number, count: number): string {
  if (!host) return '';
  if (count === 1 && host.start !== host.end) return `${host.start}-${host.end}`;
  return String(host.start + index);
}

function raise(error: Error): never {
  throw error;
}
