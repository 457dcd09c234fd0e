import { version } from '../../../shared/version.js';
import type { BuildHost } from '../build-host.js';

/** What builds here: the engine itself. */
export function workerOf({ platform: { os, architecture, variant = '' }, hostGateway }: BuildHost) {
  return {
    ID: 'tsmachine',
    Labels: new Map([
      ['org.mobyproject.buildkit.worker.executor', 'containerd'],
      // Clients take it for leave to use the outputs "docker" and "oci".
      ['org.mobyproject.buildkit.worker.snapshotter', 'overlayfs'],
      ['org.mobyproject.buildkit.worker.moby.host-gateway-ip', hostGateway],
    ]),
    platforms: [{ OS: os, Architecture: architecture, Variant: variant }],
    BuildkitVersion: { package: 'tsmachine', version },
  };
}
