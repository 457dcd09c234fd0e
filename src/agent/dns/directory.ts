/** Who is on which network under which names, as the engine knows it at this moment. */
export interface NameDirectory {
  /** The networks that a container is on, in the order in which they are asked. */
  networksOf(containerId: string): readonly NamedNetwork[];
  /** The endpoints on a network that have names; none on a network without names (the default bridge). */
  endpointsOn(networkId: string): readonly NamedEndpoint[];
}

export interface NamedNetwork {
  readonly id: string;
  readonly name: string;
  /** Nothing is forwarded for a container that is on internal networks only. */
  readonly internal: boolean;
  /** Names that this container alone has for others there (`--link`), and what they stand for. */
  readonly links?: ReadonlyMap<string, string>;
}

export interface NamedEndpoint {
  readonly containerName: string;
  /** Further names: aliases, the short ID. */
  readonly aliases: readonly string[];
  /** IPv4 and IPv6, without prefix length. */
  readonly addresses: readonly string[];
}
