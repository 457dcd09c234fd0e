import { byteStringText } from '../../shared/tar/tar-entry.js';
import type { ImageContent } from './image-content.js';
import { instructionOf } from './instruction.js';
import { LayerWalk } from './layer-walk.js';

/** `image layers` of one image: the shape of `--json`. */
export interface ImageReport {
  readonly image: string;
  readonly id: string;
  /** Bytes of all layers' files. */
  readonly size: number;
  /** Bytes of files that a later layer replaces or removes. */
  readonly wasted: number;
  readonly layers: readonly LayerReport[];
  /** What is wasted, the largest first. */
  readonly waste: readonly WastedFile[];
}

export interface LayerReport {
  readonly diffId: string;
  /** What made it; empty where the image does not tell. */
  readonly instruction: string;
  readonly size: number;
  /** Of those bytes, what later layers replace or remove. */
  readonly wasted: number;
  readonly added: Sum;
  readonly changed: Sum;
  /** The bytes are those of the lower layers. */
  readonly deleted: Sum;
  /** Other images of the same call that have the layer upon the same layers. */
  readonly sharedWith: readonly string[];
  readonly files: readonly FileChange[];
}

export interface Sum {
  readonly count: number;
  readonly bytes: number;
}

export interface FileChange {
  readonly kind: 'added' | 'changed' | 'deleted';
  readonly path: string;
  readonly size: number;
}

export interface WastedFile {
  readonly path: string;
  readonly size: number;
  /** Numbers of layers, from 1: where the bytes are, and what makes them useless. */
  readonly layer: number;
  readonly by: number;
}

/** What each layer of some images does, and which layers they share. */
export function reportLayers(images: readonly ImageContent[]): readonly ImageReport[] {
  const owners = new Map<string, string[]>();
  for (const image of images) {
    for (const chain of chainsOf(image)) owners.set(chain, [...(owners.get(chain) ?? []), image.name]);
  }
  return images.map((image) => reportImage(image, owners));
}

function reportImage(image: ImageContent, owners: ReadonlyMap<string, readonly string[]>): ImageReport {
  const walk = new LayerWalk();
  for (const { entries } of image.layers) walk.layer(entries);
  const waste = walk.waste
    .map(({ content, by }) => ({
      path: shown(content.path),
      size: content.size,
      layer: content.layer + 1,
      by: by + 1,
    }))
    .sort((a, b) => b.size - a.size);
  const chains = chainsOf(image);
  const layers = image.layers.map((layer, index): LayerReport => {
    const { size = 0, changes = [] } = walk.layers[index] ?? {};
    const files = changes.map((change) => ({ ...change, path: shown(change.path) }));
    return {
      diffId: layer.diffId,
      instruction: instructionOf(layer),
      size,
      wasted: sum(waste.filter(({ layer }) => layer === index + 1)).bytes,
      added: sum(files.filter(({ kind }) => kind === 'added')),
      changed: sum(files.filter(({ kind }) => kind === 'changed')),
      deleted: sum(files.filter(({ kind }) => kind === 'deleted')),
      sharedWith: (owners.get(chains[index] ?? '') ?? []).filter((name) => name !== image.name),
      files,
    };
  });
  const { bytes: size } = sum(layers);
  return { image: image.name, id: image.id, size, wasted: sum(waste).bytes, layers, waste };
}

/** A layer is shared only when all below it are, too. */
function chainsOf({ layers }: ImageContent): readonly string[] {
  return layers.map((_, index) =>
    layers
      .slice(0, index + 1)
      .map(({ diffId }) => diffId)
      .join(' '),
  );
}

function sum(items: readonly { readonly size: number }[]): Sum {
  return { count: items.length, bytes: items.reduce((total, { size }) => total + size, 0) };
}

function shown(path: string): string {
  return `/${byteStringText(path)}`;
}
