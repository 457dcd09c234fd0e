import type { Digest } from '../../../shared/digest.js';
import { digestOf } from '../../../shared/digest.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageConfig, ImageRunConfig } from '../../image/image-config.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { DeclaredArgs } from './build-args.js';

/** What has been built so far. */
export interface BuildState {
  /** Of the config as a blob; undefined while there is nothing (FROM scratch). */
  readonly id: Digest | undefined;
  readonly config: ImageConfig;
  /** What it was made of, whenever and wherever: the same steps upon the same image. */
  readonly key: Digest | undefined;
  /** Of a whole stage: its ARGs, which stages that begin with it inherit. */
  readonly args?: DeclaredArgs;
}

/** Without a key it is where a chain of steps begins. */
export function stateOf(config: ImageConfig, key?: Digest): BuildState {
  const id = digestOf(configBlob(config));
  return { id, config, key: key ?? id };
}

export function scratchState(platform: { readonly os: string; readonly architecture: string }): BuildState {
  const { os, architecture } = platform;
  return {
    ...{ id: undefined, key: undefined },
    config: { architecture, os, config: {}, rootfs: { type: 'layers', diff_ids: [] }, history: [] },
  };
}

export function configBlob(config: ImageConfig): Buffer {
  return Buffer.from(JSON.stringify(config));
}

/** Lowest first. */
export function layersOf({ config }: BuildState): readonly Digest[] {
  return chainIdsOf(diffIdsOf(config));
}

export function topLayerOf(state: BuildState): Digest | undefined {
  return layersOf(state).at(-1);
}

export function runConfigOf({ config }: BuildState): ImageRunConfig {
  return config.config ?? {};
}

export function shellOf(config: ImageRunConfig): readonly string[] {
  return config.Shell?.length ? config.Shell : ['/bin/sh', '-c'];
}
