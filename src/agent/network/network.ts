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
  /** No host port is taken: the container's own address is reached (gateway mode "routed"). */
  readonly routed?: boolean;
}

/** What a container may reach of another one on a network whose containers are kept apart: Docker's legacy `--link`. */
export interface LinkedPort {
  readonly containerId: string;
  readonly protocol: PortBinding['protocol'];
  readonly port: number;
}

/** "null" is that of a network which is only a template for others (Docker's ConfigOnly): nothing is made for it. */
export type NetworkDriver = 'bridge' | 'macvlan' | 'ipvlan' | 'null' | 'plugin';

/** One of a network's address blocks, in the words of Docker's IPAMConfig; text as the user wrote it, checked. */
export interface AddressBlock {
  readonly subnet: string;
  readonly ipRange?: string;
  readonly gateway?: string;
  readonly auxiliaryAddresses?: Readonly<Record<string, string>>;
  /** What a third party's address manager calls it. */
  readonly poolId?: string;
}

/** What a network is made of. `blocks` is empty or lacks a family: chosen from the default address pools. */
export interface NetworkSpec {
  readonly name: string;
  readonly driver: NetworkDriver;
  readonly blocks: readonly AddressBlock[];
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly ipamOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a template's network: the template's name. Then everything but name, driver, internal and attachable is its. */
  readonly configFrom?: string;
  /** The driver's name where it is a program of a third party. */
  readonly pluginDriver?: string;
  /** Docker's "null" gives no addresses; others than "null" are programs of third parties. */
  readonly ipamDriver?: string;
}

/** A network that is there. The predefined `host` and `none` are no networks of this room: nothing is made for them. */
export interface NetworkInfo extends NetworkSpec {
  readonly id: string;
  /** RFC 3339. */
  readonly created: string;
  /** With the gateways filled in. */
  readonly blocks: readonly AddressBlock[];
  /** The Linux bridge's name; "" for other drivers. */
  readonly bridge: string;
  /** The predefined `bridge`: no names are served on it, and it cannot be removed. */
  readonly predefined: boolean;
}

/** How a container is to be on a network. */
export interface Attachment {
  readonly networkId: string;
  /** Chosen when absent. */
  readonly address?: string;
  readonly address6?: string;
  readonly macAddress?: string;
  /** IPv4 and IPv6, beside the address. */
  readonly linkLocalAddresses?: readonly string[];
  readonly driverOptions?: Readonly<Record<string, string>>;
  /** Docker's GwPriority: the highest one's network is the way out. */
  readonly priority?: number;
  /** What other containers of this network call it: its name, aliases, short ID. */
  readonly dnsNames: readonly string[];
}

/** What a running container has on one network. Texts are "" where there is nothing. */
export interface Endpoint {
  readonly networkId: string;
  readonly endpointId: string;
  /** "eth0". */
  readonly interface: string;
  /** "" on an internal network. */
  readonly gateway: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway6: string;
  readonly address6: string;
  readonly prefixLength6: number;
  readonly macAddress: string;
  readonly priority: number;
  readonly dnsNames: readonly string[];
  readonly linkLocalAddresses?: readonly string[];
  /** Of its interface, "net.ipv4.conf.eth0.log_martians" and the like. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Where a third party's driver has made the interface. */
  readonly remote?: { readonly source: string; readonly routes: readonly StaticRoute[] };
}

export interface StaticRoute {
  /** "10.1.0.0/16". */
  readonly destination: string;
  /** Absent: reached without a router. */
  readonly nextHop?: string;
}

/** All that a container that runs, or is about to, has on networks. */
export interface Sandbox {
  readonly containerId: string;
  readonly containerName: string;
  /** Of a process in the network namespace (`/proc/PID/ns/net`); undefined before `connect`. */
  readonly pid: number | undefined;
  /** In the order they were attached. */
  readonly endpoints: readonly Endpoint[];
  /** The bindings with the host ports that were taken. */
  readonly ports: readonly PortBinding[];
  /** Open to it while the containers that have them are on the network, too. */
  readonly links?: readonly LinkedPort[];
}

export interface ContainerRef {
  readonly id: string;
  readonly name: string;
  readonly links?: readonly LinkedPort[];
}

/**
 * The networks of this host and who is on them: addresses, NAT out, published ports. State and kernel agree after
 * every method, also after a crash in the middle (`restore`). Methods of one container do not overlap: the caller
 * holds its lock.
 */
export interface Networks {
  list(): readonly NetworkInfo[];
  /** By exact ID. */
  byId(id: string): NetworkInfo | undefined;
  byName(name: string): NetworkInfo | undefined;
  /** Throws in Docker's words: NETWORK_EXISTS, SUBNET_INVALID, POOL_OVERLAPS, NO_FREE_SUBNET, OPTION_UNSUPPORTED, … */
  create(spec: NetworkSpec): Promise<NetworkInfo>;
  /** Throws NETWORK_IN_USE while a container has an endpoint there, NETWORK_NOT_FOUND. */
  remove(id: string): Promise<void>;

  /**
   * Takes addresses and host ports for a container that is about to start. Throws PORT_TAKEN in Docker's words
   * ("driver failed programming external connectivity on endpoint NAME (ID): Bind for 0.0.0.0:80 failed: port is
   * already allocated"), ADDRESSES_EXHAUSTED, ADDRESS_TAKEN, NETWORK_NOT_FOUND; then nothing is held.
   */
  reserve(
    container: ContainerRef,
    attachments: readonly Attachment[],
    ports: readonly PortBinding[],
  ): Promise<Sandbox>;
  /** Puts the interfaces into the network namespace of `pid` and opens the ports. */
  connect(containerId: string, pid: number): Promise<void>;
  /** One network more for a container that runs; `ports` are taken if it is its first way out. As `reserve`. */
  attach(containerId: string, attachment: Attachment, ports: readonly PortBinding[]): Promise<Endpoint>;
  /** Takes a running container off a network; another one becomes its way out, and its ports lead there. */
  detach(containerId: string, networkId: string): Promise<void>;
  /** Closes the ports and gives addresses and ports back. Succeeds when nothing is held. */
  release(containerId: string): Promise<void>;
  /** New names on each of its networks, by network ID: after a rename. */
  rename(container: ContainerRef, dnsNames: ReadonlyMap<string, readonly string[]>): Promise<void>;

  sandbox(containerId: string): Sandbox | undefined;
  /** Of every container that holds anything. */
  sandboxes(): readonly Sandbox[];
  /** Called after a sandbox has changed, or has gone (`sandbox` is undefined then). Answers what ends it. */
  onChange(listener: (containerId: string) => void): () => void;
  /**
   * At the agent's start: bridges, addresses, NAT and the ports of the containers that still run are as they
   * were; what belongs to other containers is released.
   */
  restore(running: ReadonlyMap<string, number>): Promise<void>;
}
