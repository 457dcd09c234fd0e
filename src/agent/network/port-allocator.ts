import { allPortsAllocated, type EndpointName, portAllocated, portNotBindable } from './errors.js';
import { type HostPort, type HostPorts, SocketHostPorts } from './host-ports.js';
import type { PortBinding } from './network.js';

/** One host port, to be the same on all the addresses. */
export interface PortClaim {
  readonly protocol: PortBinding['protocol'];
  readonly containerPort: number;
  readonly hostAddresses: readonly string[];
  /** 0 for a free one of the ephemeral range. */
  readonly hostPort: number;
  readonly lastHostPort?: number;
}

/** moby, libnetwork/portallocator: the range when the host port is not chosen (IANA's dynamic ports). */
const ephemeral = { first: 49_153, last: 65_535 };

/** Which host ports the containers have. Knows nothing of containers beyond the words of its errors. */
export class PortAllocator {
  readonly #host: HostPorts;
  /** "tcp/8080" → the addresses on which it is taken. */
  readonly #taken = new Map<string, Set<string>>();
  #nextEphemeral = ephemeral.first;

  constructor(host: HostPorts = new SocketHostPorts()) {
    this.#host = host;
  }

  /** Takes a port that is free here and on the host. Throws PORT_TAKEN; then nothing is held. */
  async take(
    claim: PortClaim,
    endpoint: EndpointName,
    containerAddress: string,
  ): Promise<readonly PortBinding[]> {
    let failure: Error = allPortsAllocated(endpoint);
    const single = claim.hostPort !== 0 && (claim.lastHostPort ?? claim.hostPort) === claim.hostPort;
    for (const hostPort of this.#candidates(claim)) {
      const bindings = bindingsOf(claim, hostPort);
      const conflict = bindings.find((binding) => !this.#isFree(binding));
      if (conflict) {
        if (single) throw portAllocated(endpoint, conflict.hostAddress, hostPort);
        continue;
      }
      for (const binding of bindings) this.#note(binding); // before the host is asked: another start may ask meanwhile
      const refusal = await this.#refusal(bindings);
      if (!refusal) return bindings;
      for (const binding of bindings) this.release(binding);
      failure = portNotBindable(endpoint, refusal.binding, containerAddress, refusal.reason);
    }
    throw failure;
  }

  /** Takes exactly this, whatever the host says: for what a running container has already. */
  hold(binding: PortBinding): void {
    this.#note(binding);
    void this.#host.take(hostPortOf(binding)).catch(() => {});
  }

  /** Succeeds when it is not taken. */
  release(binding: PortBinding): void {
    this.#host.release(hostPortOf(binding));
    const addresses = this.#taken.get(keyOf(binding));
    addresses?.delete(binding.hostAddress);
    if (addresses?.size === 0) this.#taken.delete(keyOf(binding));
  }

  #note(binding: PortBinding): void {
    const key = keyOf(binding);
    const addresses = this.#taken.get(key) ?? new Set();
    this.#taken.set(key, addresses.add(binding.hostAddress));
  }

  #isFree(binding: PortBinding): boolean {
    const addresses = this.#taken.get(keyOf(binding)) ?? [];
    return [...addresses].every((address) => !addressesCollide(address, binding.hostAddress));
  }

  async #refusal(bindings: readonly PortBinding[]) {
    for (const binding of bindings) {
      const reason = await this.#host.take(hostPortOf(binding));
      if (reason !== undefined) return { binding, reason };
    }
    return undefined;
  }

  *#candidates(claim: PortClaim): Generator<number> {
    if (claim.hostPort !== 0) {
      const last = claim.lastHostPort ?? claim.hostPort;
      for (let port = claim.hostPort; port <= last; port++) yield port;
      return;
    }
    const count = ephemeral.last - ephemeral.first + 1;
    for (let tries = 0; tries < count; tries++) {
      const port = this.#nextEphemeral;
      this.#nextEphemeral = port === ephemeral.last ? ephemeral.first : port + 1;
      yield port;
    }
  }
}

function bindingsOf(claim: PortClaim, hostPort: number): readonly PortBinding[] {
  const { protocol, containerPort } = claim;
  return claim.hostAddresses.map((hostAddress) => ({ protocol, containerPort, hostAddress, hostPort }));
}

function hostPortOf({ protocol, hostAddress: address, hostPort: port }: PortBinding): HostPort {
  return { protocol, address, port };
}

function keyOf({ protocol, hostPort }: PortBinding): string {
  return `${protocol}/${hostPort}`;
}

function addressesCollide(one: string, other: string): boolean {
  if (one.includes(':') !== other.includes(':')) return false;
  const wildcard = one.includes(':') ? '::' : '0.0.0.0';
  return one === other || one === wildcard || other === wildcard;
}
