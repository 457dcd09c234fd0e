import { parsePort } from './ports.js';

/** A linked container, as far as it is shown to the one that links to it. */
export interface LinkedFacts {
  /** "/web/db": the name of the link in the container that has it. */
  readonly linkName: string;
  readonly address: string;
  /** "5432/tcp". */
  readonly exposed: readonly string[];
  readonly environment: readonly string[];
}

/** The environment variables that tell of a link (moby, daemon/links): DB_PORT_5432_TCP_ADDR and the like. */
export function linkVariables({ linkName, address, exposed, environment }: LinkedFacts): readonly string[] {
  const alias = (linkName.split('/').at(-1) ?? '').toUpperCase().replaceAll('-', '_');
  const ports = exposed.map(parsePort).sort(compare);
  const [first] = ports;
  const url = ({ protocol, port }: Port) => `${protocol}://${address}:${port}`;
  const named = (port: Port) => `${alias}_PORT_${port.port}_${port.protocol.toUpperCase()}`;
  return [
    ...(first ? [`${alias}_PORT=${url(first)}`] : []),
    ...ports.flatMap((port) => [
      `${named(port)}=${url(port)}`,
      `${named(port)}_ADDR=${address}`,
      `${named(port)}_PORT=${port.port}`,
      `${named(port)}_PROTO=${port.protocol}`,
    ]),
    ...runsOf(ports).flatMap(([start, end]) => [
      `${named(start)}_START=${url(start)}`,
      `${named(start)}_PORT_START=${start.port}`,
      `${named(start)}_END=${url(end)}`,
      `${named(start)}_PORT_END=${end.port}`,
    ]),
    `${alias}_NAME=${linkName}`,
    ...environment
      .filter((entry) => /^(?!HOME=|PATH=)[^=]+=/.test(entry))
      .map((entry) => `${alias}_ENV_${entry}`),
  ];
}

type Port = ReturnType<typeof parsePort>;

/** TCP first, then by number. */
function compare(a: Port, b: Port): number {
  const rank = ({ protocol }: Port) => ['tcp', 'sctp', 'udp'].indexOf(protocol);
  return rank(a) - rank(b) || a.port - b.port;
}

/** The ports that follow one another without a gap, first and last. */
function runsOf(ports: readonly Port[]): readonly (readonly [Port, Port])[] {
  const runs: (readonly [Port, Port])[] = [];
  for (const port of ports) {
    const [start, end] = runs.at(-1) ?? [];
    const follows = start && end && end.protocol === port.protocol && end.port + 1 === port.port;
    if (follows) runs[runs.length - 1] = [start, port];
    else runs.push([port, port]);
  }
  return runs.filter(([start, end]) => start !== end);
}
