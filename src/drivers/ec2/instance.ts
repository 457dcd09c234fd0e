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
  readonly identityFile: string;
  /** The host's public key. */
  readonly hostKey: string;
};

/** Everything that is made carries it. */
export const ownerTagKey = 'tsmachine-owner';
