import { Readable } from 'node:stream';
import type { ContainerConfig } from '../../../api/container-config.js';
import type { Digest } from '../../../shared/digest.js';
import { committedConfig } from '../../image/committed-config.js';
import { applyChanges } from '../../image/config-changes.js';
import type { ImageRunConfig } from '../../image/image-config.js';
import { containerGoing } from '../errors.js';
import { runtimeMountPoints } from './changes.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { mergeConfig } from './merge-config.js';
import { pauseContainer, unpauseContainer } from './pause.js';

export interface CommitOptions {
  /** "name:tag"; undefined for an image without a name. */
  readonly reference?: string | undefined;
  readonly author: string;
  readonly comment: string;
  /** Processes rest meanwhile, so that files fit together. */
  readonly pause: boolean;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  /** In place of the container's own, which fills its gaps. */
  readonly config?: ContainerConfig | undefined;
}

/**
 * Makes an image of a container: its image's layers, and one of what it has changed, unless that is nothing. Answers
 * the image's ID. Throws CONTAINER_BEING_REMOVED, IMAGE_CHANGE_INVALID, REFERENCE_INVALID, …
 */
export async function commitContainer(
  context: ContainerContext,
  container: Container,
  options: CommitOptions,
  signal: AbortSignal,
): Promise<Digest> {
  const { status } = container.record.state;
  if (status === 'dead' || status === 'removing') throw containerGoing('commit', container.id, status);
  const config = newConfig(container, options);
  const references = context.images.parseNewName(options.reference);
  const parent = await context.images.resolve(container.record.imageId);
  const layer = await newLayer(context, container, parent.chainId, options.pause, signal);
  await using _hold = context.images.hold(layer ? [layer.chainId] : []);
  const { id } = await context.images.register({
    configBlob: Buffer.from(
      JSON.stringify(
        committedConfig(parent.config, {
          ...{ config, diffId: layer?.diffId, author: options.author, comment: options.comment },
          createdBy: (container.record.config.Cmd ?? []).join(' '),
        }),
      ),
    ),
    references,
    parent: parent.id,
  });
  publish(context, container, 'commit', {
    ...{ comment: options.comment, imageID: id, imageRef: options.reference ?? '' },
  });
  return id;
}

function newConfig({ record }: Container, { config, changes }: CommitOptions): ImageRunConfig {
  const own = config ? mergeConfig(config, runConfig(record.config)) : record.config;
  return applyChanges(runConfig(own), changes);
}

/** What of a container's configuration an image keeps. */
function runConfig(config: ContainerConfig): ImageRunConfig {
  const { Cmd, Entrypoint, Env, ExposedPorts, Healthcheck, Labels, OnBuild, Shell, StopSignal } = config;
  const { User, Volumes, WorkingDir } = config;
  const filled = Object.entries({
    ...{ User, ExposedPorts, Env, Cmd, Healthcheck, Volumes, WorkingDir, Entrypoint },
    ...{ OnBuild, Labels, StopSignal, Shell },
  }).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(filled);
}

async function newLayer(
  context: ContainerContext,
  container: Container,
  parent: Digest | undefined,
  pause: boolean,
  signal: AbortSignal,
) {
  const paused = pause && container.record.state.status === 'running';
  if (paused) await pauseContainer(context, container);
  try {
    const { id } = container;
    if ((await context.layers.changes(id, runtimeMountPoints)).length === 0) return undefined;
    return await context.layers.add(
      Readable.from(context.layers.diff(id, runtimeMountPoints)),
      parent,
      signal,
    );
  } finally {
    if (paused) await unpauseContainer(context, container);
  }
}
