import type { PortBindings } from '../../api/client/types.js';

/** "80/tcp -> 0.0.0.0:8080" for each, in the order of their numbers; of one port (TCP unless it says) only where. */
export function publishedPortLines(ports: PortBindings, wanted: string | undefined): readonly string[] {
  const key = wanted === undefined || wanted.includes('/') ? wanted : `${wanted}/tcp`;
  return Object.entries(ports)
    .filter(([port]) => key === undefined || port === key)
    .flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp = '', HostPort = '' }) => {
        const address = `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`;
        return key === undefined ? `${port} -> ${address}` : address;
      }),
    )
    .toSorted(byNumberThenText);
}

function byNumberThenText(left: string, right: string): number {
  return numberOf(left) - numberOf(right) || (left < right ? -1 : Number(left > right));
}

function numberOf(line: string): number {
  return line.includes(' -> ') ? Number.parseInt(line, 10) : 0;
}
