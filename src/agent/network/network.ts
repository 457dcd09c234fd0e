/** One port of a container on addresses of the host. */
export interface PortBinding {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly containerPort: number;
  /**
   * "0.0.0.0" for all IPv4 addresses, "::" for all IPv6 ones. "" asks for both, with the same host port: an
   * endpoint then has one binding of each (of "0.0.0.0" only, where the host has no IPv6 or the protocol is not tcp).
   */
  readonly hostAddress: string;
  /** 0 for a free one, chosen at each start; `lastHostPort` gives a range to choose from. */
  readonly hostPort: number;
  readonly lastHostPort?: number;
}

/** What a running container has on the bridge network, in the words of Docker's EndpointSettings. */
export interface Endpoint {
  readonly networkId: string;
  readonly endpointId: string;
  readonly gateway: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly macAddress: string;
  /** The bindings with the host ports that were taken. */
  readonly ports: readonly PortBinding[];
}

/**
 * The predefined bridge network: an address, NAT out, published ports. State and kernel agree after every method,
 * also after a crash in the middle (`restore`).
 */
export interface BridgeNetwork {
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string;
  /** The Linux bridge's name. */
  readonly bridge: string;
  /**
   * Takes an address and the host ports for a container that is about to start. Throws PORT_TAKEN in Docker's
   * words ("driver failed programming external connectivity on endpoint NAME (ID): Bind for 0.0.0.0:80 failed:
   * port is already allocated"), ADDRESSES_EXHAUSTED; then nothing is held.
   */
  reserve(
    container: { readonly id: string; readonly name: string },
    ports: readonly PortBinding[],
  ): Promise<Endpoint>;
  /** Puts eth0 with the reserved address into the network namespace of `pid` and opens the ports. */
  connect(containerId: string, pid: number): Promise<void>;
  /** Closes the ports and gives address and ports back. Succeeds when nothing is held. */
  release(containerId: string): Promise<void>;
  endpoint(containerId: string): Endpoint | undefined;
  /**
   * At the agent's start: bridge, addresses, NAT and the ports of the containers that still run are as they were;
   * what belongs to other containers is released.
   */
  restore(running: ReadonlyMap<string, number>): Promise<void>;
}
