import type { ContainerSummary } from '../../api/client/types.js';
import type { TcpTarget } from '../../ssh/transport.js';

export interface PublishedPort {
  /** The port on the machine, and so on this computer. */
  readonly port: number;
  readonly protocol: string;
  /** How the machine itself reaches it. */
  readonly target: TcpTarget;
  readonly container: string;
}

/** Each published port once, whatever addresses it is published on. */
export function publishedPorts(containers: readonly ContainerSummary[]): readonly PublishedPort[] {
  const found = new Map<string, PublishedPort>();
  for (const { Id, Names, Ports } of containers) {
    for (const { IP = '', PublicPort, Type } of Ports ?? []) {
      const key = `${PublicPort}/${Type}`;
      if (PublicPort === undefined || (found.has(key) && IP.includes(':'))) continue;
      found.set(key, {
        port: PublicPort,
        protocol: Type,
        target: { host: loopbackOf(IP), port: PublicPort },
        container: Names?.[0]?.replace(/^\//, '') ?? Id.slice(0, 12),
      });
    }
  }
  return [...found.values()];
}

function loopbackOf(address: string): string {
  if (address === '' || address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
