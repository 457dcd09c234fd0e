import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJsonAtomically } from '../../shared/atomic-file.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import type { BridgeEndpoint, PortBinding } from './network.js';

/** What a container holds on the network. */
export interface EndpointRecord {
  readonly containerId: string;
  readonly containerName: string;
  readonly endpoint: BridgeEndpoint;
}

/** One file for each container, so that starts at the same time do not wait for one another. */
export class EndpointRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What cannot be read is removed: its container, if it still runs, gets a new endpoint at its next start. */
  async load(): Promise<readonly EndpointRecord[]> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const files = await readdir(this.#directory);
    const records = await Promise.all(files.map((file) => this.#read(file)));
    return records.filter((record) => record !== undefined);
  }

  async save(record: EndpointRecord): Promise<void> {
    await writeJsonAtomically(this.#path(record.containerId), { schemaVersion: 1, ...record });
  }

  /** Succeeds when there is none. */
  async remove(containerId: string): Promise<void> {
    await rm(this.#path(containerId), { force: true });
  }

  async #read(file: string): Promise<EndpointRecord | undefined> {
    const path = join(this.#directory, file);
    const value = file.endsWith('.json') ? await readJson(path).catch(() => undefined) : undefined;
    const record = parseRecord(value);
    if (!record) await rm(path, { force: true });
    return record;
  }

  #path(containerId: string): string {
    return join(this.#directory, `${containerId}.json`);
  }
}

export function parseRecord(value: unknown): EndpointRecord | undefined {
  if (!isJsonObject(value) || value['schemaVersion'] !== 1) return undefined;
  const { containerId, containerName, endpoint } = value;
  const parsed = isJsonObject(endpoint) ? parseEndpoint(endpoint) : undefined;
  if (typeof containerId !== 'string' || typeof containerName !== 'string' || !parsed) return undefined;
  return { containerId, containerName, endpoint: parsed };
}

function parseEndpoint(value: JsonObject): BridgeEndpoint | undefined {
  const { networkId, endpointId, gateway, address, prefixLength, macAddress, ports } = value;
  if (
    typeof networkId !== 'string' ||
    typeof endpointId !== 'string' ||
    typeof gateway !== 'string' ||
    typeof address !== 'string' ||
    typeof prefixLength !== 'number' ||
    typeof macAddress !== 'string' ||
    !Array.isArray(ports)
  ) {
    return undefined;
  }
  const bindings = ports.flatMap((port: unknown) => parseBinding(port) ?? []);
  return { networkId, endpointId, gateway, address, prefixLength, macAddress, ports: bindings };
}

function parseBinding(value: unknown): PortBinding | undefined {
  if (!isJsonObject(value)) return undefined;
  const { protocol, containerPort, hostAddress, hostPort } = value;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return undefined;
  if (typeof containerPort !== 'number' || typeof hostPort !== 'number') return undefined;
  if (typeof hostAddress !== 'string') return undefined;
  return { protocol, containerPort, hostAddress, hostPort };
}
