import type { BuiltStep } from '../../../../../src/agent/build/exec/request.js';
import {
  type CachedLayer,
  decodeCacheConfig,
  encodeCacheConfig,
} from '../../../../../src/agent/buildkit/cache/cache-config.js';
import {
  cacheConfigOf,
  encodeCacheManifest,
} from '../../../../../src/agent/buildkit/cache/cache-manifest.js';
import { checkCacheExports } from '../../../../../src/agent/buildkit/cache/export-cache.js';
import { chainIdsOf } from '../../../../../src/agent/layer/chain-id.js';
import { type Digest, digestOf } from '../../../../../src/shared/digest.js';

const diffIds = ['base', 'one', 'two'].map(digestOf);
const chainIds = chainIdsOf(diffIds);
const blobs = new Map<Digest, CachedLayer>(
  diffIds.map((diffId, index) => [
    chainIds[index] ?? diffId,
    { diffId, blob: { digest: digestOf(`blob of ${diffId}`), size: 10 + index } },
  ]),
);

function step(name: string, parent: string | undefined, layers: number): BuiltStep {
  return {
    ...{ key: digestOf(name), parent: parent === undefined ? undefined : digestOf(parent), source: name },
    config: {
      ...{ architecture: 'amd64', os: 'linux', created: '2026-01-02T03:04:05Z', config: { Env: [name] } },
      rootfs: { type: 'layers', diff_ids: diffIds.slice(0, layers) },
    },
  };
}

const steps = [step('RUN one', 'image', 2), step('ENV a', 'RUN one', 2), step('RUN two', 'ENV a', 3)];

test('records of a cache refer to what they were made upon, and to their layers', () => {
  const { layers, records } = JSON.parse(encodeCacheConfig(steps, blobs).toString());

  expect(layers.map(({ parent }: { parent: number }) => parent)).toEqual([-1, 0, 1]);
  expect(records).toMatchObject([
    { digest: digestOf('image') },
    { digest: digestOf('RUN one'), inputs: [[{ link: 0 }]], layers: [{ layer: 1 }] },
    { digest: digestOf('ENV a'), inputs: [[{ link: 1 }]], layers: [{ layer: 1 }] },
    { digest: digestOf('RUN two'), inputs: [[{ link: 2 }]], layers: [{ layer: 2 }] },
  ]);
});

test('what is read of a cache is what was written', () => {
  const results = decodeCacheConfig(encodeCacheConfig(steps, blobs));

  expect([...results.keys()]).toEqual(steps.map(({ key }) => key));
  expect(results.get(digestOf('ENV a'))).toMatchObject({
    config: steps[1]?.config,
    layers: [...blobs.values()].slice(0, 2),
  });
});

test('a step upon nothing, which makes nothing, has neither inputs nor layers', () => {
  const { layers, records } = JSON.parse(encodeCacheConfig([step('ENV a', undefined, 0)], blobs).toString());

  expect(layers).toEqual([]);
  expect(records).toEqual([
    expect.not.objectContaining({ layers: expect.anything(), inputs: expect.anything() }),
  ]);
});

test('records of other builders are passed over', () => {
  const config = { layers: [], records: [{ digest: digestOf('x'), inputs: [] }, { digest: digestOf('y') }] };

  expect(decodeCacheConfig(Buffer.from(JSON.stringify(config))).size).toBe(0);
});

const layer = { blob: digestOf('x'), parent: -1, annotations: { diffID: digestOf('y'), size: 1 } };
const record = { digest: digestOf('r'), config: steps[0]?.config, layers: [{ layer: 0 }] };

test.each([
  ['no JSON', '{', 'not a JSON object'],
  ['a layer without a digest', { layers: [{ ...layer, blob: 'x' }] }, 'a layer without its digests'],
  ['a layer without its archive', { layers: [{ ...layer, annotations: {} }] }, 'a layer without its digests'],
  [
    'layers in a circle',
    { layers: [{ ...layer, parent: 0 }], records: [record] },
    'upon none that is before it',
  ],
  ['a layer that is not there', { layers: [], records: [record] }, 'upon none that is before it'],
  ['layers of something else', { layers: [layer], records: [record] }, 'not those of its configuration'],
])('a cache with %s is refused', (_, config, wanted) => {
  const content = typeof config === 'string' ? config : JSON.stringify(config);

  expect(() => decodeCacheConfig(Buffer.from(content))).toThrow(wanted);
});

test.each([
  [{ asImage: true, oci: true }, 'application/vnd.oci.image.manifest.v1+json'],
  [{ asImage: false, oci: true }, 'application/vnd.oci.image.index.v1+json'],
  [{ asImage: false, oci: false }, 'application/vnd.docker.distribution.manifest.list.v2+json'],
])('the manifest of a cache with %j has each layer once and its configuration', (shape, type) => {
  const config = encodeCacheConfig(steps, blobs);
  const [one = { digest: digestOf(''), size: 0 }] = [...blobs.values()].map(({ blob }) => blob);

  const manifest = encodeCacheManifest([one, one], config, shape);

  const { layers, manifests, mediaType } = JSON.parse(manifest.content.toString());
  expect([manifest.type, mediaType]).toEqual([type, type]);
  expect(layers ?? manifests).toHaveLength(shape.asImage ? 1 : 2);
  expect(cacheConfigOf(manifest.content)).toBe(digestOf(config));
});

test.each(['{}', '[]', 'x', '{"config":{"mediaType":"application/vnd.oci.image.config.v1+json"}}'])(
  '%s is no manifest of a cache',
  (manifest) => {
    expect(cacheConfigOf(Buffer.from(manifest))).toBeUndefined();
  },
);

test.each([
  ['gha', {}, 'a cache of type "gha" ("cache-to") is not supported by this engine'],
  ['s3', {}, 'a cache of type "s3" ("cache-to") is not supported by this engine'],
  ['local', {}, 'local cache exporter requires dest'],
  ['registry', {}, 'registry cache exporter requires ref'],
  ['registry', { ref: 'x', mode: 'all' }, 'invalid cache export mode: all'],
  ['local', { dest: 'x', compression: 'estargz' }, 'the compression "estargz" of a cache is not supported'],
])('a cache of type %s with %j is refused', (Type, attributes, wanted) => {
  const Attrs = new Map(Object.entries<string>(attributes));

  expect(() => checkCacheExports([{ Type, Attrs }])).toThrow(wanted);
});
