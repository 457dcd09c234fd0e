import { join } from 'node:path';

/** Where a container's files lie. */
export class ContainerPaths {
  readonly root: string;
  /** An empty directory to put mounts together in. */
  readonly scratch: string;
  /** Where parts of volumes are mounted while a container is made. */
  readonly subpaths: string;
  readonly #runRoot: string;
  readonly #shmRoot: string;

  constructor(dataRoot: string, runRoot: string) {
    this.root = join(dataRoot, 'containers');
    this.scratch = join(runRoot, 'scratch');
    this.subpaths = join(runRoot, 'subpaths');
    this.#runRoot = join(runRoot, 'containers');
    this.#shmRoot = join(runRoot, 'shm');
  }

  directory(id: string): string {
    return join(this.root, id);
  }

  record(id: string): string {
    return join(this.root, id, 'container.json');
  }

  log(id: string): string {
    return join(this.root, id, 'container.log');
  }

  /** Up to where the log has been sent elsewhere. */
  shipped(id: string): string {
    return join(this.root, id, 'shipped');
  }

  hosts(id: string): string {
    return join(this.root, id, 'hosts');
  }

  hostname(id: string): string {
    return join(this.root, id, 'hostname');
  }

  resolvConf(id: string): string {
    return join(this.root, id, 'resolv.conf');
  }

  /** Where a container that shares its /dev/shm has it mounted on the host, while it runs. */
  sharedMemory(id: string): string {
    return join(this.#shmRoot, id);
  }

  /** The OCI bundle; gone after a reboot. */
  bundle(id: string): string {
    return join(this.#runRoot, id);
  }
}
