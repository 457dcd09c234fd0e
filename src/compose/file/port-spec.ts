import { isIP } from 'node:net';
import type { Mapping } from './value.js';

/** The short form of a port cannot be read; the message is in Docker's words. */
export class PortSpecError extends Error {}

/** The long forms of `[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`: one for each port of a range. Throws PortSpecError. */
export function parsePort(spec: string): readonly Mapping[] {
  const { ip, published, target, protocol } = splitSpec(spec);
  const container = parseRange(target, () => `Invalid containerPort: ${target}`);
  const host = published === '' ? undefined : parseRange(published, () => `Invalid hostPort: ${published}`);
  const several = container.end !== container.start;
  if (host && several && host.end - host.start !== container.end - container.start) {
    throw new PortSpecError(
      `Invalid ranges specified for container and host Ports: ${target} and ${published}`,
    );
  }
  return range(container)
    .sort((a, b) => (`${a}/${protocol}` < `${b}/${protocol}` ? -1 : 1)) // as Compose orders them
    .map((port) => ({
      mode: 'ingress',
      ...(ip === '' ? {} : { host_ip: ip }),
      target: port,
      ...(host ? { published: hostPort(host, several, port - container.start) } : {}),
      protocol,
    }));
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function splitSpec(spec: string) {
  const parts = spec.split(':');
  const last = parts.pop() ?? '';
  const published = parts.pop() ?? '';
  const address = parts.join(':');
  const ip = /^\[(.*)\]$/.exec(address)?.[1] ?? address;
  const [target = '', proto] = last.split('/', 2);
  const protocol = (proto ?? 'tcp').toLowerCase();
  if (address !== '' && (isIP(ip) === 0 || (isIP(address) === 6 && ip === address))) {
    throw new PortSpecError(`Invalid ip address: ${address}`);
  }
  if (target === '') throw new PortSpecError(`No port specified: ${spec}<empty>`);
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw new PortSpecError(`Invalid proto: ${proto ?? ''}`);
  return { ip, published, target, protocol };
}

function parseRange(text: string, message: () => string): Range {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (!(start <= end && end <= 65535)) throw new PortSpecError(message());
  return { start, end };
}

function range({ start, end }: Range): number[] {
  return Array.from({ length: end - start + 1 }, (_, index) => start + index);
}

/** One port of several, or the range to choose from for a single one. */
function hostPort({ start, end }: Range, several: boolean, index: number): string {
  return several || start === end ? String(start + index) : `${start}-${end}`;
}
