import type { Digest } from '../../shared/digest.js';
import { version } from '../../shared/version.js';
import { applyChanges } from './config-changes.js';
import type { ImageConfig } from './image-config.js';
import type { ImportOptions } from './image-store.js';

/** The config of an imported root file system. */
export function importedConfig(diffId: Digest, options: ImportOptions, created: string): ImageConfig {
  return {
    architecture: options.platform.architecture,
    os: options.platform.os,
    created,
    comment: options.message,
    docker_version: version,
    config: applyChanges({}, options.changes),
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created, comment: options.message }],
  };
}
