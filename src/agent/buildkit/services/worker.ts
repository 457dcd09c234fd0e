import { version } from '../../../shared/version.js';
import type { BuildHost } from '../build-host.js';

/** What builds here: the engine itself. */
export function workerOf({ platform: { os, architecture, variant = '' } }: BuildHost) {
  return {
    ID: 'tsmachine',
    Labels: new Map([
      ['org.mobyproject.buildkit.worker.executor', 'containerd'],
      // Clients take it for leave to use the outputs "docker" and "oci".
      ['org.mobyproject.buildkit.worker.snapshotter', 'overlayfs'],
    ]),
    platforms: [{ OS: os, Architecture: architecture, Variant: variant }],
    BuildkitVersion: { package: 'tsmachine', version },
  };
}
