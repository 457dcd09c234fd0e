import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonSync, writeJsonAtomically } from '../../shared/atomic-file.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import type { Endpoint, LinkedPort, PortBinding, Sandbox } from './network.js';

/** What a container holds on the networks. */
export type SandboxRecord = Omit<Sandbox, 'pid'>;

/** One file for each container, so that starts at the same time do not wait for one another. */
export class EndpointRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What cannot be read is removed: its container, if it still runs, gets a new endpoint at its next start. */
  async load(): Promise<readonly SandboxRecord[]> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const files = await readdir(this.#directory);
    const records = await Promise.all(files.map((file) => this.#read(file)));
    return records.filter((record) => record !== undefined);
  }

  async save(record: SandboxRecord): Promise<void> {
    await writeJsonAtomically(this.#path(record.containerId), { schemaVersion: 2, ...record });
  }

  /** Succeeds when there is none. */
  async remove(containerId: string): Promise<void> {
    await rm(this.#path(containerId), { force: true });
  }

  async #read(file: string): Promise<SandboxRecord | undefined> {
    const path = join(this.#directory, file);
    const value = file.endsWith('.json') ? readOrNothing(path) : undefined;
    const record = parseRecord(value);
    if (!record) await rm(path, { force: true });
    return record;
  }

  #path(containerId: string): string {
    return join(this.#directory, `${containerId}.json`);
  }
}

function readOrNothing(path: string): unknown {
  try {
    return readJsonSync(path);
  } catch {
    return undefined;
  }
}

/** Version 1 knew one network, and kept the ports in its endpoint. */
export function parseRecord(value: unknown): SandboxRecord | undefined {
  if (!isJsonObject(value)) return undefined;
  const { containerId, containerName, schemaVersion } = value;
  if (typeof containerId !== 'string' || typeof containerName !== 'string') return undefined;
  if (schemaVersion === 1 && isJsonObject(value['endpoint'])) {
    return parseParts(containerId, containerName, [value['endpoint']], value['endpoint']['ports']);
  }
  if (schemaVersion !== 2) return undefined;
  const parts = parseParts(containerId, containerName, value['endpoints'], value['ports']);
  return parts && { ...parts, ...parseLinks(value['links']) };
}

function parseParts(
  containerId: string,
  containerName: string,
  given: unknown,
  ports: unknown,
): SandboxRecord | undefined {
  if (!Array.isArray(given) || !Array.isArray(ports)) return undefined;
  const endpoints = given.map((each: unknown) => (isJsonObject(each) ? parseEndpoint(each) : undefined));
  const whole = endpoints.filter((each) => each !== undefined);
  if (whole.length < endpoints.length) return undefined;
  const bindings = ports.flatMap((port: unknown) => parseBinding(port) ?? []);
  return { containerId, containerName, endpoints: whole, ports: bindings };
}

function parseEndpoint(value: JsonObject): Endpoint | undefined {
  const { networkId, endpointId, gateway, address, prefixLength, macAddress, dnsNames } = value;
  if (
    typeof networkId !== 'string' ||
    typeof endpointId !== 'string' ||
    typeof gateway !== 'string' ||
    typeof address !== 'string' ||
    typeof prefixLength !== 'number' ||
    typeof macAddress !== 'string'
  ) {
    return undefined;
  }
  const words = (name: string, absent = '') => (typeof value[name] === 'string' ? value[name] : absent);
  const number = (name: string) => (typeof value[name] === 'number' ? value[name] : 0);
  return {
    ...{ networkId, endpointId, gateway, address, prefixLength, macAddress },
    interface: words('interface', 'eth0'),
    gateway6: words('gateway6'),
    address6: words('address6'),
    prefixLength6: number('prefixLength6'),
    priority: number('priority'),
    dnsNames: Array.isArray(dnsNames) ? dnsNames.filter((each) => typeof each === 'string') : [],
    ...(Array.isArray(value['linkLocalAddresses']) && {
      linkLocalAddresses: value['linkLocalAddresses'].filter((each) => typeof each === 'string'),
    }),
    ...parseRemote(value['remote']),
    ...(isJsonObject(value['sysctls']) && { sysctls: textsOf(value['sysctls']) }),
  };
}

function parseBinding(value: unknown): PortBinding | undefined {
  if (!isJsonObject(value)) return undefined;
  const { protocol, containerPort, hostAddress, hostPort } = value;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return undefined;
  if (typeof containerPort !== 'number' || typeof hostPort !== 'number') return undefined;
  if (typeof hostAddress !== 'string') return undefined;
  return {
    protocol,
    containerPort,
    hostAddress,
    hostPort,
    ...(value['routed'] === true && { routed: true }),
  };
}

function parseLinks(value: unknown): Pick<SandboxRecord, 'links'> {
  if (!Array.isArray(value)) return {};
  return {
    links: value.filter(isJsonObject).flatMap(({ containerId, protocol, port }): readonly LinkedPort[] => {
      if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return [];
      if (typeof containerId !== 'string' || typeof port !== 'number') return [];
      return [{ containerId, protocol, port }];
    }),
  };
}

function parseRemote(value: unknown): Pick<Endpoint, 'remote'> {
  if (!isJsonObject(value) || typeof value['source'] !== 'string') return {};
  const routes = Array.isArray(value['routes']) ? value['routes'].filter(isJsonObject) : [];
  return {
    remote: {
      source: value['source'],
      routes: routes.map(({ destination, nextHop }) => ({
        destination: String(destination),
        ...(typeof nextHop === 'string' && { nextHop }),
      })),
    },
  };
}

function textsOf(value: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}
