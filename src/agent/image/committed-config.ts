import type { Digest } from '../../shared/digest.js';
import { formatNanoTime, nowNanos } from '../../shared/nanotime.js';
import { version } from '../../shared/version.js';
import type { ImageConfig, ImageRunConfig } from './image-config.js';

export interface CommittedImage {
  readonly config: ImageRunConfig;
  /** Of the layer upon the parent's; undefined when nothing was changed. */
  readonly diffId: Digest | undefined;
  readonly author: string;
  readonly comment: string;
  readonly createdBy: string;
}

/** The config of an image that was made of a container of another image, as moby's image.NewChildImage. */
export function committedConfig(parent: ImageConfig, image: CommittedImage): ImageConfig {
  const created = formatNanoTime(nowNanos());
  const { config, diffId, author, comment, createdBy } = image;
  const { variant } = parent;
  return {
    architecture: parent.architecture,
    os: parent.os,
    ...(variant && { variant }),
    created,
    ...(author && { author }),
    ...(comment && { comment }),
    docker_version: version,
    config,
    rootfs: { type: 'layers', diff_ids: [...parent.rootfs.diff_ids, ...(diffId ? [diffId] : [])] },
    history: [
      ...(parent.history ?? []),
      {
        created,
        created_by: createdBy,
        ...(author && { author }),
        ...(comment && { comment }),
        ...(!diffId && { empty_layer: true }),
      },
    ],
  };
}
