import type { JsonObject } from '../shared/json.js';
import type { Reporter } from '../shared/reporter.js';
import type { SshEndpoint } from '../ssh/transport.js';
import type { DriverOptions, OptionValues } from './options.js';

export type MachineState =
  | 'starting'
  | 'running'
  | 'paused'
  | 'saved'
  | 'stopping'
  | 'stopped'
  | 'error'
  | 'unknown';

export interface InstanceStatus {
  readonly state: MachineState;
  /** IP address or DNS name on which SSH and the agent answer; absent while there is none. */
  readonly address?: string;
  /** Why the state is `error`, for people: "its disk could not be written". */
  readonly problem?: string;
}

/** What the user gave for the driver's options that are marked `secret`; none of it is in a record. */
export interface SecretReader {
  /** Undefined where nothing was given. */
  get(option: string): Promise<string | undefined>;
}

/** How to log in without a key of ours: for hosts that were there before. */
export interface PasswordLogin {
  /** Absolute paths of files whose first line is the password. */
  readonly passwordFile?: string;
  readonly sudoPasswordFile?: string;
  /** Whether to keep in the secret store what the user was asked for. */
  readonly save: boolean;
}

export interface OperationContext {
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly secrets?: SecretReader;
}

/** Something at a provider that carries an owner tag. */
export interface OwnedResource {
  /** In the provider's words: "domain", "volume", "instance", "security group". */
  readonly kind: string;
  readonly id: string;
  readonly ownerTag: string;
}

/** New sizes or tags of a host; what is absent stays. */
export interface HostChange {
  readonly memoryMiB?: number;
  readonly cpus?: number;
  /** Undefined as value removes the tag. */
  readonly tags?: Readonly<Record<string, string | undefined>>;
}

export interface ChangedHost<Instance extends JsonObject> {
  readonly instance: Instance;
  /** Which of the changes come into force only when the host is started again. */
  readonly needsRestart: readonly (keyof HostChange)[];
}

export interface Snapshot {
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly current: boolean;
}

/** Throws SNAPSHOT_NOT_FOUND and SNAPSHOT_EXISTS. */
export interface SnapshotControl<Instance extends JsonObject> {
  list(instance: Instance, context: OperationContext): Promise<readonly Snapshot[]>;
  create(instance: Instance, name: string, context: OperationContext): Promise<void>;
  revert(instance: Instance, name: string, context: OperationContext): Promise<void>;
  remove(instance: Instance, name: string, context: OperationContext): Promise<void>;
}

export interface CreateContext<Instance extends JsonObject> extends OperationContext {
  readonly machineName: string;
  /** A directory of the machine's own in the store, for keys, disks, seeds; removed with the machine. */
  readonly directory: string;
  /** Names the store and machine at a provider, so that what is left behind can be found. */
  readonly ownerTag: string;
  /** Persists what exists so far, so that `remove` can clean up after a crash or Ctrl-C. */
  checkpoint(instance: Instance): Promise<void>;
}

/**
 * How one kind of host is made and controlled.
 *
 * A driver holds no state of its own: everything it must remember is in the `Instance`, a plain JSON value that
 * the store keeps and hands back. `start`, `stop`, `kill` and `remove` succeed when there is nothing left to do.
 * They return when the host has the wanted state; `start` and `create` do not wait for SSH to answer.
 */
export interface Driver<Options, Instance extends JsonObject> {
  /** Changes nothing. Throws an `invalid-argument` or `unavailable` error that says what is missing. */
  preCreateCheck(options: Options, context: OperationContext): Promise<void>;
  create(options: Options, context: CreateContext<Instance>): Promise<Instance>;
  inspect(instance: Instance, context: OperationContext): Promise<InstanceStatus>;
  start(instance: Instance, context: OperationContext): Promise<Instance>;
  stop(instance: Instance, context: OperationContext): Promise<Instance>;
  kill(instance: Instance, context: OperationContext): Promise<Instance>;
  remove(instance: Instance, context: OperationContext): Promise<void>;
  sshEndpoint(instance: Instance): SshEndpoint;
  /** The host's public key in OpenSSH form ("ssh-ed25519 AAAA…") where the driver can know it from creation. */
  hostKey?(instance: Instance): string | undefined;
  /** Where the user may be asked for passwords; without it keys alone are used. */
  passwordLogin?(instance: Instance): PasswordLogin;
  /** The driver cannot restart its hosts, but the service may reboot them over SSH. */
  readonly rebootsOverSsh?: true;
  /** Only where the provider has a real reboot; otherwise the service stops and starts. */
  restart?(instance: Instance, context: OperationContext): Promise<Instance>;
  /** Keeps the host's memory and frees its processors; `start` also resumes. */
  suspend?(instance: Instance, context: OperationContext): Promise<Instance>;
  resume?(instance: Instance, context: OperationContext): Promise<Instance>;
  readonly snapshots?: SnapshotControl<Instance>;
  change?(instance: Instance, change: HostChange, context: OperationContext): Promise<ChangedHost<Instance>>;
  /**
   * Everything that carries an owner tag of this prefix, where `options` say to look (their defaults, or what other
   * machines of the driver were made with). Changes nothing.
   */
  findOwned?(
    options: Options,
    tagPrefix: string,
    context: OperationContext,
  ): Promise<readonly OwnedResource[]>;
  /** Succeeds when it is gone already. */
  removeOwned?(options: Options, resource: OwnedResource, context: OperationContext): Promise<void>;
  /**
   * A host that docker-machine made with its driver of this name or alias, from that one's own JSON. `identityFile` is
   * relative to the machine's directory. `note` says what will not be as it was. Changes nothing at the provider.
   * Throws an `invalid-argument` error that says what is missing.
   */
  fromDockerMachine?(
    theirs: JsonObject,
    identityFile: string | undefined,
  ): { readonly options: Options; readonly instance: Instance; readonly note?: string };
  /**
   * The engine's address ("tcp://host:port") where somebody else installed it: such a host is neither entered over
   * SSH nor provisioned.
   */
  engineUrl?(instance: Instance): string;
  /** By how many times the host is slower than usual (an emulated processor); deadlines of its own work follow. */
  patience?(instance: Instance): number;
  /** False where the driver cannot power the host on or off (a host over SSH); default true. */
  readonly controlsPower?: boolean;
}

export interface DriverDefinition<S extends DriverOptions, Instance extends JsonObject> {
  readonly apiVersion: 1;
  readonly name: string;
  /** Other names, such as docker-machine's "generic". */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Option `memory` of driver `libvirt` becomes the flag `--libvirt-memory`. */
  readonly options: S;
  /** Imported only when used, so that help never pays for a cloud SDK. */
  load(): Promise<Driver<OptionValues<S>, Instance>>;
}

/** A definition whose types are forgotten: the registry's element. */
export interface AnyDriverDefinition {
  readonly apiVersion: 1;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly options: DriverOptions;
  load(): Promise<AnyDriver>;
}
export type AnyDriver = Driver<JsonObject, JsonObject>;

export function defineDriver<const S extends DriverOptions, Instance extends JsonObject>(
  definition: DriverDefinition<S, Instance>,
): AnyDriverDefinition {
  // The service hands a driver only options parsed by its own schema and instances it made itself.
  return definition as unknown as AnyDriverDefinition;
}
