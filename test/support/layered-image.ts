import { writeFile } from 'node:fs/promises';
import { digestHex, digestOf } from '../../src/shared/digest.js';
import { tarEnd, tarFile } from '../../src/shared/tar/tar-writer.js';

export interface LayeredImage {
  readonly id: string;
  readonly config: Buffer;
  /** Uncompressed, lowest first. */
  readonly layers: readonly Buffer[];
}

/** An image of which each layer has one file of random content, by its name; the same name is the same layer. */
export function layeredImage(...layers: readonly Buffer[]): LayeredImage {
  const config = Buffer.from(
    JSON.stringify({
      ...{
        os: 'linux',
        architecture: process.arch === 'x64' ? 'amd64' : process.arch,
        config: { Cmd: ['x'] },
      },
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    }),
  );
  return { id: digestOf(config), config, layers };
}

export function layerWith(name: string, content: Buffer): Buffer {
  return Buffer.concat([tarFile({ type: 'file', name }, content), tarEnd]);
}

/** As `docker save` writes it. */
export function dockerArchive(image: LayeredImage, tags: readonly string[]): Buffer {
  const names = image.layers.map((layer) => `${digestHex(digestOf(layer))}/layer.tar`);
  const manifest = [{ Config: 'config.json', RepoTags: tags, Layers: names }];
  return Buffer.concat([
    ...image.layers.map((layer, index) => tarFile({ type: 'file', name: names[index] ?? '' }, layer)),
    tarFile({ type: 'file', name: 'config.json' }, image.config),
    tarFile({ type: 'file', name: 'manifest.json' }, Buffer.from(JSON.stringify(manifest))),
    tarEnd,
  ]);
}

/** Writes an OCI layout; `compress` gives its blobs of layers. */
export async function writeOciLayout(
  directory: string,
  image: LayeredImage,
  { tag, compress }: { readonly tag: string; readonly compress: (layer: Buffer) => Buffer },
): Promise<void> {
  const put = async (content: Buffer) => {
    const digest = digestOf(content);
    await writeFile(`${directory}/blobs/sha256/${digestHex(digest)}`, content);
    return { digest, size: content.length };
  };
  const layers = await Promise.all(image.layers.map((layer) => put(compress(layer))));
  const manifest = await put(
    Buffer.from(JSON.stringify({ schemaVersion: 2, config: await put(image.config), layers })),
  );
  const entry = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': tag } };
  await writeFile(`${directory}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
}
