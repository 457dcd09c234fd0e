/** Where the test's instances really are; without it they exist only on paper. */
export interface Guests {
  /** Boots one with the user data; answers its address. */
  boot(id: string, userData: string): Promise<string>;
  /** With another address than before. */
  start(id: string): Promise<string>;
  stop(id: string, force: boolean): Promise<void>;
  reboot(id: string): Promise<void>;
  remove(id: string): Promise<void>;
}

export type Tags = Record<string, string>;

export interface TestInstance {
  readonly id: string;
  readonly type: string;
  readonly imageId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly groupIds: readonly string[];
  readonly keyName: string | undefined;
  readonly volumeId: string;
  readonly spotRequestId: string | undefined;
  readonly userData: string;
  /** The whole form, for tests to look at. */
  readonly request: string;
  readonly wantsPublic: boolean;
  readonly ipv6: boolean;
  readonly tags: Tags;
  state: string;
  publicAddress: string | undefined;
  privateAddress: string;
  /** Where it is going, and how often it has still to be asked for. */
  change: { readonly to: string; polls: number; readonly work: Promise<unknown>; done: boolean } | undefined;
  /** Describes that do not know it yet. */
  hidden: number;
}

export interface TestGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  readonly tags: Tags;
  /** "tcp 22-22 203.0.113.7/32". */
  readonly rules: Set<string>;
}

export interface TestKeyPair {
  readonly id: string;
  readonly name: string;
  readonly material: string;
  readonly tags: Tags;
}

export interface TestVolume {
  readonly id: string;
  readonly tags: Tags;
  instanceId: string | undefined;
}

export interface TestSpotRequest {
  readonly id: string;
  readonly persistent: boolean;
  readonly maxPrice: string | undefined;
  readonly tags: Tags;
  /** The form of the launch, for the next instance of a persistent request. */
  readonly request: string;
  instanceId: string;
  state: 'active' | 'disabled' | 'cancelled' | 'closed';
}
