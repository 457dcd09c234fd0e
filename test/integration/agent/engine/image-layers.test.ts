import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { EngineClient } from '../../../../src/api/client/engine-client.js';
import { loadImages, saveImages } from '../../../../src/api/client/images.js';
import { archiveContent } from '../../../../src/cli/layers/archive-content.js';
import { engineContent } from '../../../../src/cli/layers/engine-content.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { AgentLab } from './support/agent-lab.js';

const { signal } = new AbortController();
const digest = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

const layers = [
  [
    tarFile({ type: 'directory', name: 'd/' }),
    tarFile({ type: 'file', name: 'd/f\xff' }, Buffer.alloc(3_000_000)),
  ],
  [
    tarFile({ type: 'hard-link', name: 'e', linkName: 'd/g' }),
    tarFile({ type: 'file', name: 'd/.wh.f\xff' }),
  ],
].map((entries, index) =>
  Buffer.concat([
    ...(index === 1 ? [tarFile({ type: 'file', name: 'd/g' }, Buffer.from('g'))] : []),
    ...entries,
    tarEnd,
  ]),
);

function archive(compress: (layer: Buffer) => Buffer): Buffer {
  const config = Buffer.from(
    JSON.stringify({
      ...{ os: 'linux', architecture: 'amd64', config: {} },
      rootfs: { type: 'layers', diff_ids: layers.map(digest) },
      history: [
        { created_by: 'ADD f' },
        { created_by: 'ENV a=b', empty_layer: true },
        { created_by: 'RUN g' },
      ],
    }),
  );
  const names = layers.map((_, index) => `${index}/layer.tar`);
  const manifest = [{ Config: 'config.json', RepoTags: ['layers:1'], Layers: names }];
  return Buffer.concat([
    ...layers.map((layer, index) => tarFile({ type: 'file', name: names[index] ?? '' }, compress(layer))),
    tarFile({ type: 'file', name: 'config.json' }, config),
    tarFile({ type: 'file', name: 'manifest.json' }, Buffer.from(JSON.stringify(manifest))),
    tarEnd,
  ]);
}

test.each([
  ['not at all', (layer: Buffer) => layer],
  ['with gzip', (layer: Buffer) => gzipSync(layer)],
  ['with zstd', (layer: Buffer) => zstdCompressSync(layer)],
])('an archive whose layers are compressed %s is read', async (_, compress) => {
  const [image] = await archiveContent(Readable.from([archive(compress)]));

  expect(image).toMatchObject({ name: 'layers:1', layers: [{ createdBy: 'ADD f' }, { createdBy: 'RUN g' }] });
  expect(image?.layers[1]?.entries.map(({ path, type }) => [path, type])).toEqual([
    ['d/g', 'file'],
    ['e', 'hard-link'],
    ['d/.wh.f\xff', 'file'],
  ]);
});

test.each([
  ['that is cut off', archive((layer) => layer).subarray(0, 5000), /unexpected end of archive/],
  ['of which a layer is another', archive(() => tarEnd), /is not the layer that the image names/],
  ['of something else', Buffer.concat([tarFile({ type: 'file', name: 'x' }), tarEnd]), /no manifest\.json/],
])('an archive %s is refused', async (_, content, message) => {
  await expect(archiveContent(Readable.from([content]))).rejects.toThrow(message);
});

test('the agent tells of its layers what an archive of the image does', async () => {
  await using lab = await AgentLab.start();
  using client = new EngineClient({ socketPath: lab.socket });
  const loading = loadImages(client, Readable.from([archive((layer) => layer)]), { quiet: true });
  for await (const _message of loading);

  const told = await engineContent(client, 'layers:1', signal);
  const [saved] = await archiveContent(await saveImages(client, ['layers:1']));

  expect(told).toEqual(saved);
  await expect(engineContent(client, 'none', signal)).rejects.toThrow('No such image: none');
});
