import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { recordDamaged, recordTooNew } from './errors.js';

/** How far the making of a machine has come; anything but `ready` is finished by `provision` or undone by `rm`. */
export type MachinePhase = 'creating' | 'provisioning' | 'ready';

export interface EngineProxies {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

export interface EngineOptions {
  /** TCP port of the agent's mutual TLS listener. */
  readonly port: number;
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  /** dockerd's `userns-remap`. */
  readonly usernsRemap?: string;
  /** Without passwords: a record is no place for them. */
  readonly proxies?: EngineProxies;
  /** More names and addresses for the server certificate. */
  readonly tlsSans: readonly string[];
}

export interface Share {
  /** Names the authority and the SSH key on the host. */
  readonly id: string;
  readonly who: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** What the store keeps of a machine: plain JSON, no secrets, no absolute paths of the store. */
export interface MachineRecord {
  readonly schemaVersion: 1;
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Marks everything made for this machine at a provider. */
  readonly ownerTag: string;
  readonly phase: MachinePhase;
  readonly driver: {
    readonly name: string;
    readonly options: JsonObject;
    /** What the driver must remember; absent until it has made something. */
    readonly instance?: JsonObject;
  };
  readonly engine: EngineOptions;
  /** Where the agent answers, as last seen. */
  readonly address?: string;
  /** Of a rename that was cut short: the record also counts under this name. */
  readonly renamedTo?: string;
  /**
   * Set where somebody else installed the engine and looks after it (another store's agent, a Docker Engine): it is not
   * provisioned, and the certificates are those in the machine's directory.
   */
  readonly foreign?: 'agent' | 'docker';
  /** DOCKER_HOST of an engine that is reached over SSH only ("ssh://user@host"). */
  readonly sshUrl?: string;
  /** Who was given access by `export`. */
  readonly shares?: readonly Share[];
  /** Pinned at the first connection, in OpenSSH form ("ssh-ed25519 AAAA…"). */
  readonly hostKey?: string;
  /** Where secrets of the user's are kept, by option; never the secrets themselves. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly provisioned?: {
    readonly at: string;
    readonly agentVersion: string;
    readonly operatingSystem: string;
    readonly architecture: string;
  };
}

export const schemaVersion = 1;

/** Throws MACHINE_RECORD_DAMAGED or STORE_VERSION_TOO_NEW. */
export function parseRecord(name: string, value: unknown): MachineRecord {
  if (!isJsonObject(value) || typeof value['schemaVersion'] !== 'number') throw recordDamaged(name);
  if (value['schemaVersion'] > schemaVersion) throw recordTooNew(name, value['schemaVersion']);
  const { driver, engine, phase } = value;
  const whole =
    (value['name'] === name || value['renamedTo'] === name) &&
    isJsonObject(driver) &&
    typeof driver['name'] === 'string' &&
    isJsonObject(driver['options']) &&
    isJsonObject(engine) &&
    typeof engine['port'] === 'number' &&
    typeof phase === 'string';
  if (!whole) throw recordDamaged(name);
  // Everything that code relies on was looked at above; the store's own writes are typed.
  const { renamedTo: _, ...record } = value;
  return { ...record, name } as unknown as MachineRecord;
}

/** DOCKER_HOST: `tcp://address:port`, with brackets for IPv6, or its `sshUrl`; undefined while there is no address. */
export function engineUrl(record: MachineRecord): string | undefined {
  if (record.sshUrl !== undefined) return record.sshUrl;
  if (record.address === undefined) return undefined;
  const host = record.address.includes(':') ? `[${record.address}]` : record.address;
  return `tcp://${host}:${record.engine.port}`;
}
