/** Where the provider is and how to speak to it; no credentials. */
export type Ec2Place = {
  readonly region: string;
  readonly profile?: string;
  /** URL of a compatible cloud. */
  readonly endpoint?: string;
  readonly retries: number;
};

/** What the machine's record keeps. The place and the owner tag alone are enough to remove whatever exists. */
export type Ec2Instance = {
  readonly place: Ec2Place;
  readonly ownerTag: string;
  readonly instanceId?: string;
  readonly spotRequestId?: string;
  /** Which of its addresses is used. */
  readonly use: 'public' | 'private' | 'ipv6';
  /** The one last seen; a start gives another. */
  readonly address?: string;
  readonly sshUser: string;
  readonly sshPort: number;
  /** Absent where docker-machine's key was not found. */
  readonly identityFile?: string;
  /** The host's public key; learnt at the first login where docker-machine made the host. */
  readonly hostKey?: string;
  /** Of an instance that docker-machine made: nothing of it carries our tag. */
  readonly untagged?: {
    /** The key pair that goes with the instance. */
    readonly keyName?: string;
  };
};

/** Everything that is made carries it. */
export const ownerTagKey = 'tsmachine-owner';
