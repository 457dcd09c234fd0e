import type { Tree } from './query.js';
import type {
  Guests,
  TestGroup,
  TestInstance,
  TestKeyPair,
  TestSpotRequest,
  TestVolume,
} from './resources.js';

/** How the cloud behaves; tests change it while it runs. */
export interface Behaviour {
  /** How often an instance must be asked for until it has changed its state. */
  pendingPolls: number;
  /** How many calls do not know yet of an instance that was just launched. */
  hiddenPolls: number;
  /** Subnets without capacity. */
  full: Set<string>;
  /** No VPC is the default one. */
  noDefaultVpc: boolean;
}

export type Form = Readonly<Record<string, Tree>>;

/** What of a launch was found right. */
export type Launch = Pick<TestInstance, 'type' | 'imageId' | 'subnetId' | 'vpcId' | 'keyName' | 'groupIds'>;

/** The state that the actions work on. */
export class Region {
  readonly name: string;
  readonly guests: Guests | undefined;
  readonly instances = new Map<string, TestInstance>();
  readonly groups = new Map<string, TestGroup>();
  readonly keyPairs = new Map<string, TestKeyPair>();
  readonly volumes = new Map<string, TestVolume>();
  readonly spotRequests = new Map<string, TestSpotRequest>();
  readonly behaviour: Behaviour = { pendingPolls: 1, hiddenPolls: 1, full: new Set(), noDefaultVpc: false };
  /** Launches by client token. */
  readonly tokens = new Map<string, { readonly request: string; readonly id: string }>();
  addresses = 10;

  constructor(name: string, guests?: Guests) {
    this.name = name;
    this.guests = guests;
    const id = 'sg-0default';
    this.groups.set(id, { id, name: 'default', vpcId: 'vpc-0default', tags: {}, rules: new Set() });
  }

  /** Everything that somebody has made, one line each. */
  everything(): readonly string[] {
    const live = [...this.instances.values()].filter(({ state }) => state !== 'terminated');
    const requests = [...this.spotRequests.values()].filter(({ state }) => state !== 'cancelled');
    return [
      ...live.map(({ id, state }) => `${id} ${state}`),
      ...[...this.groups.values()].map(({ id, name }) => `${id} ${name}`),
      ...[...this.keyPairs.values()].map(({ id, name }) => `${id} ${name}`),
      ...this.volumes.keys(),
      ...requests.map(({ id, state }) => `${id} ${state}`),
    ];
  }
}
