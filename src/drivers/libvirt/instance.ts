import type { DomainNetwork } from './domain/domain-xml.js';

/**
 * What the machine's record keeps. Names are planned and recorded before anything is made, so that whatever exists
 * after a crash can be removed by them.
 */
export type LibvirtInstance = {
  readonly uri: string;
  /** The owner tag as a name: unique among all stores. */
  readonly domain: string;
  readonly ownerTag: string;
  readonly uuid: string;
  readonly pool: string;
  /** Disk, seed and extra disks, in the pool. */
  readonly volumes: readonly string[];
  /** Of the pool's shared copy of the image. */
  readonly baseVolume?: string;
  readonly network: DomainNetwork;
  readonly sshUser: string;
  readonly sshPort: number;
  /** Relative to the machine's directory. Absent where docker-machine's key was not found. */
  readonly identityFile?: string;
  /** Learnt at the first login where docker-machine made the domain. */
  readonly hostKey?: string;
  /** The processor is emulated: everything in the guest takes many times as long. */
  readonly emulated: boolean;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Of a container: what its root file system is in. */
  readonly rootDirectory?: string;
  /** As last seen. */
  readonly address?: string;
  /** Where the host serves the Docker API, if that is not for the user to choose. */
  readonly enginePort?: number;
};

/** In file names and in libvirt's, an owner tag keeps only what is safe in both. */
export function resourceName(ownerTag: string): string {
  return ownerTag.replace(/[^A-Za-z0-9._-]/g, '-');
}

export interface VolumeNames {
  readonly disk: string;
  readonly seed: string;
  readonly extra: readonly string[];
}

export function volumeNames(domain: string, extraDisks: number): VolumeNames {
  return {
    disk: `${domain}.qcow2`,
    seed: `${domain}-seed.iso`,
    extra: Array.from({ length: extraDisks }, (_, index) => `${domain}-disk${index + 1}.qcow2`),
  };
}

/** The owner tag that a volume's name tells; undefined for volumes that belong to no machine. */
export function ownerOfVolume(volume: string): string | undefined {
  return /^(.+?)(?:-seed\.iso|-disk\d+\.qcow2|\.qcow2)$/.exec(volume)?.[1];
}

/** A valid host name (RFC 1123 label) from a machine's name. */
export function hostnameOf(machineName: string): string {
  const label = machineName.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return label.slice(0, 63).replace(/^-+|-+$/g, '') || 'machine';
}
