import type { Platform } from './platform-query.js';
import type { Route } from './route.js';
import { type BuildBackend, buildRoutes } from './routes/build.js';
import { type BuildKitBackend, buildKitRoutes } from './routes/buildkit.js';
import { containerRoutes, type LifecycleBackend, type MonitorBackend } from './routes/containers.js';
import { type ExecBackend, execRoutes } from './routes/exec.js';
import { type FileBackend, fileRoutes } from './routes/files.js';
import { type ImageBackend, imageRoutes } from './routes/images.js';
import { type NetworkBackend, networkRoutes } from './routes/networks.js';
import { type OwnImageBackend, ownImageRoutes } from './routes/own-images.js';
import { refusedRoutes } from './routes/refused.js';
import { type AttachBackend, streamRoutes } from './routes/streams.js';
import { type SystemBackend, systemRoutes } from './routes/system.js';
import { type VolumeArchiveBackend, volumeArchiveRoutes } from './routes/volume-archive.js';
import { type VolumeBackend, volumeRoutes } from './routes/volumes.js';

export interface Backends {
  readonly containers: LifecycleBackend & MonitorBackend & AttachBackend & ExecBackend & FileBackend;
  readonly images: ImageBackend & OwnImageBackend;
  readonly builds: BuildBackend & BuildKitBackend;
  readonly networks: NetworkBackend;
  readonly volumes: VolumeBackend & VolumeArchiveBackend;
  readonly system: SystemBackend;
  readonly platform: Platform;
}

/** Everything that the agent serves. */
export function routeTable(backends: Backends): readonly Route[] {
  return [
    ...systemRoutes(backends.system),
    ...containerRoutes(backends.containers),
    ...streamRoutes(backends.containers),
    ...execRoutes(backends.containers),
    ...fileRoutes(backends.containers),
    ...imageRoutes(backends.images, backends.platform),
    ...ownImageRoutes(backends.images),
    ...buildRoutes(backends.builds),
    ...buildKitRoutes(backends.builds),
    ...networkRoutes(backends.networks),
    ...volumeRoutes(backends.volumes),
    ...volumeArchiveRoutes(backends.volumes),
    ...refusedRoutes(),
  ];
}
