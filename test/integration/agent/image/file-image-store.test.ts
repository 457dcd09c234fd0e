import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ContentStore } from '../../../../src/agent/image/content-store.js';
import { FileImageStore } from '../../../../src/agent/image/file-image-store.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { digestHex, digestOf } from '../../../../src/shared/digest.js';
import { type TarEntryInput, tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';
import { buildTinyImage, type TinyImage, tinyImage } from '../../../support/tiny-image.js';

async function openStores() {
  const dir = await temporaryDirectory();
  const layers = new OverlayLayerStore({ root: `${dir.path}/layers` });
  const content = new ContentStore({ root: `${dir.path}/content` });
  const images = new FileImageStore({ root: `${dir.path}/images`, layers, content });
  const close = async () => {
    await layers.flush();
    await dir[Symbol.asyncDispose]();
  };
  return { path: dir.path, layers, content, images, [Symbol.asyncDispose]: close };
}

type Stores = Awaited<ReturnType<typeof openStores>>;

function pack(...members: readonly (readonly [string, string | Buffer] | TarEntryInput)[]): Buffer {
  const entries = members.map((member) =>
    Array.isArray(member)
      ? tarFile({ type: 'file', name: member[0] }, Buffer.from(member[1]))
      : tarFile(member as TarEntryInput),
  );
  return Buffer.concat([...entries, tarEnd]);
}

const free = { force: false, noPrune: false, inUse: () => undefined };

function dockerArchive({ layer, config }: TinyImage, tags: readonly string[]): Buffer {
  const manifest = [{ Config: 'c.json', RepoTags: tags, Layers: ['l.tar'] }];
  return pack(['c.json', config], ['l.tar', layer], ['manifest.json', JSON.stringify(manifest)]);
}

function ociLayout({ layer, config }: TinyImage, name: string): Buffer {
  const packed = gzipSync(layer);
  const blob = (content: Buffer) => `blobs/sha256/${digestHex(digestOf(content))}`;
  const descriptor = (content: Buffer) => ({
    digest: digestOf(content),
    size: content.length,
    mediaType: 'x',
  });
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, config: descriptor(config), layers: [descriptor(packed)] }),
  );
  const annotations = { 'io.containerd.image.name': name };
  const index = { schemaVersion: 2, manifests: [{ ...descriptor(manifest), annotations }] };
  return pack(
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    [blob(packed), packed],
    [blob(config), config],
    [blob(manifest), manifest],
    ['index.json', JSON.stringify(index)],
  );
}

/** Everything that a refused archive may leave: nothing. */
async function expectNothing(stores: Stores): Promise<void> {
  expect(await stores.images.list()).toEqual([]);
  expect(await stores.layers.list()).toEqual([]);
  expect(await stores.content.list()).toEqual([]);
  for (const scratch of ['images/tmp', 'layers/staging']) {
    const path = `${stores.path}/${scratch}`;
    expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
  }
}

describe('FileImageStore.load()', () => {
  test('takes a docker archive, whose programs run in the mounted root', async () => {
    await using stores = await openStores();
    const { images, layers } = stores;

    const lines = await images.load(createReadStream(await buildTinyImage(stores.path)));

    expect(lines).toEqual(['Loaded image: busybox:latest']);
    const image = await images.resolve('busybox');
    expect(image.config.config?.Cmd).toEqual(['sh']);
    expect(image.repoTags).toEqual(['busybox:latest']);
    await layers.prepare('c', image.chainId);
    try {
      const root = await layers.mount('c');
      expect(execFileSync('chroot', [root, '/bin/cat', '/etc/passwd']).toString()).toContain(
        'nobody:x:65534',
      );
      expect(readlinkSync(`${root}/usr/bin/env`)).toBe('/bin/busybox');
    } finally {
      await layers.discard('c');
    }
  });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['xz', (bytes: Buffer) => execFileSync('xz', ['-0', '-c'], { input: bytes, maxBuffer: 1 << 28 })],
  ])('takes an archive that is compressed with %s', async (_, compress) => {
    await using stores = await openStores();
    const tiny = await tinyImage();

    const lines = await stores.images.load(Readable.from([compress(dockerArchive(tiny, ['x:1', 'y/z:2']))]));

    expect(lines).toEqual(['Loaded image: x:1', 'Loaded image: y/z:2']);
    expect((await stores.images.resolve('y/z:2')).id).toBe(digestOf(tiny.config));
  });

  test('takes an OCI layout with compressed layers', async () => {
    await using stores = await openStores();
    const tiny = await tinyImage();

    const lines = await stores.images.load(Readable.from([ociLayout(tiny, 'docker.io/library/oci:1')]));

    expect(lines).toEqual(['Loaded image: oci:1']);
    expect((await stores.images.resolve('oci:1')).id).toBe(digestOf(tiny.config));
  });

  test('follows the links that old docker save wrote for equal layers', async () => {
    await using stores = await openStores();
    const { layer } = await tinyImage();
    const config = { os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf(layer), digestOf(layer)] } };
    const manifest = [{ Config: 'c.json', RepoTags: null, Layers: ['a/layer.tar', 'b/layer.tar'] }];
    const tar = pack(
      ['a/layer.tar', layer],
      { type: 'symlink', name: 'b/layer.tar', linkName: '../a/layer.tar' },
      ['c.json', JSON.stringify(config)],
      ['manifest.json', JSON.stringify(manifest)],
    );

    const [line] = await stores.images.load(Readable.from([tar]));

    expect(line).toBe(`Loaded image ID: ${digestOf(JSON.stringify(config))}`);
    expect(await stores.layers.list()).toHaveLength(2);
  });

  test('unpacks layers while they come, and shows none of them before all is there', async () => {
    await using stores = await openStores();
    const archive = dockerArchive(await tinyImage(), ['x:1']);
    const { promise: hasRest, resolve: sendRest } = Promise.withResolvers<void>();
    const slowly = async function* () {
      yield archive.subarray(0, -4096);
      await hasRest;
      yield archive.subarray(-4096);
    };

    const load = stores.images.load(Readable.from(slowly()));
    const staging = `${stores.path}/layers/staging`;
    const unpacked = ['find', staging, '-path', '*/etc/passwd'] as const;
    await waitUntil(
      async () =>
        (existsSync(staging) && execFileSync(unpacked[0], unpacked.slice(1)).length > 0) || undefined,
      { what: 'an unpacked file', timeoutMs: 60_000, intervalMs: 20 },
    );

    expect(await stores.images.list()).toEqual([]);
    expect(await stores.layers.list()).toEqual([]);
    sendRest();
    expect(await load).toEqual(['Loaded image: x:1']);
    expect(readdirSync(staging)).toEqual([]);
  });

  test('takes one layer of an archive for several images, upon different layers', async () => {
    await using stores = await openStores();
    const [base, shared] = [pack(['base', 'b']), pack(['shared', 's'])];
    const config = (...layers: readonly Buffer[]) =>
      JSON.stringify({ os: 'linux', rootfs: { diff_ids: layers.map(digestOf) } });
    const archive = pack(
      ['base.tar', base],
      ['shared.tar', gzipSync(shared)],
      ['1.json', config(shared)],
      ['2.json', config(base, shared)],
      [
        'manifest.json',
        JSON.stringify([
          { Config: '1.json', RepoTags: ['x:1'], Layers: ['shared.tar'] },
          { Config: '2.json', RepoTags: ['x:2'], Layers: ['base.tar', 'shared.tar'] },
        ]),
      ],
    );

    await stores.images.load(Readable.from([archive]));

    expect(await stores.layers.list()).toHaveLength(3);
    expect((await stores.images.resolve('x:2')).size).toBe(2);
  });

  test('takes an image whose layers are here already, and an archive that has more than its images need', async () => {
    await using stores = await openStores();
    const image = await tinyImage();
    await stores.images.load(Readable.from([ociLayout(image, 'x:1')]));
    const broken = pack(['../escape', 'x']);
    const archive = Buffer.concat([
      tarFile({ type: 'file', name: 'unused.tar' }, broken),
      dockerArchive(image, ['y:1']),
    ]);

    await stores.images.load(Readable.from([archive]));

    expect((await stores.images.resolve('y:1')).repoTags).toEqual(['x:1', 'y:1']);
    expect(await stores.layers.list()).toHaveLength(1);
    expect(readdirSync(`${stores.path}/layers/staging`)).toEqual([]);
  });

  test('moves a tag and says so', async () => {
    await using stores = await openStores();
    const [one, two] = [await tinyImage(), await tinyImage({ 'etc/two': '2' })];
    await stores.images.load(Readable.from([dockerArchive(one, ['x:1'])]));

    const lines = await stores.images.load(Readable.from([dockerArchive(two, ['x:1'])]));

    expect(lines).toEqual([
      `The image x:1 already exists, renaming the old one with ID ${digestOf(one.config)} to empty string`,
      'Loaded image: x:1',
    ]);
    expect((await stores.images.resolve(digestOf(one.config))).repoTags).toEqual([]);
  });

  const evil = (entry: TarEntryInput) => async () => Buffer.concat([tarFile(entry), await goodArchive()]);
  const goodArchive = async () => dockerArchive(await tinyImage(), ['x:1']);
  const hostile: readonly (readonly [string, () => Promise<Buffer>])[] = [
    ['path traversal', evil({ type: 'file', name: '../../evil' })],
    ['an absolute name', evil({ type: 'file', name: '/tmp/evil' })],
    ['an absolute link', evil({ type: 'symlink', name: 'x', linkName: '/etc/passwd' })],
    ['a link out of the archive', evil({ type: 'symlink', name: 'a/x', linkName: '../../etc/passwd' })],
    ['a hard link', evil({ type: 'hard-link', name: 'x', linkName: '/etc/passwd' })],
    ['a device', evil({ type: 'block-device', name: 'sda', major: 8, minor: 0 })],
    ['a fifo', evil({ type: 'fifo', name: 'pipe' })],
    [
      'a layer with another digest',
      async () =>
        dockerArchive({ ...(await tinyImage()), layer: (await tinyImage({ x: 'y' })).layer }, ['x:1']),
    ],
    [
      'a layer that would escape',
      async () => {
        const layer = pack(['../../evil', 'x']);
        const config = JSON.stringify({ os: 'linux', rootfs: { diff_ids: [digestOf(layer)] } });
        return dockerArchive({ layer, config: Buffer.from(config) }, ['x:1']);
      },
    ],
    ['a cut archive', async () => (await goodArchive()).subarray(0, 100_000)],
    ['a cut compressed archive', async () => gzipSync(await goodArchive()).subarray(0, 100_000)],
    ['no manifest', async () => pack(['a', 'b'])],
    ['a manifest that is not JSON', async () => pack(['manifest.json', '[{'])],
    [
      'a missing layer',
      async () =>
        pack(
          ['c.json', (await tinyImage()).config],
          ['manifest.json', '[{"Config":"c.json","Layers":["l"]}]'],
        ),
    ],
    [
      'too few layers',
      async () =>
        pack(['c.json', (await tinyImage()).config], ['manifest.json', '[{"Config":"c.json","Layers":[]}]']),
    ],
    ['an invalid tag', async () => dockerArchive(await tinyImage(), ['Bad:Tag'])],
    [
      'an OCI blob with another digest',
      async () => {
        const tar = ociLayout(await tinyImage(), 'x:1');
        const at = tar.indexOf('"schemaVersion":2,"config"');
        tar.write('"schemaVersion":3', at);
        return tar;
      },
    ],
  ];

  test.each(hostile)('refuses %s, and nothing remains', async (_, archive) => {
    await using stores = await openStores();

    await expect(stores.images.load(Readable.from([await archive()]))).rejects.toMatchObject({
      code: expect.stringMatching(/^(IMAGE|LAYER|REFERENCE)_[A-Z_]+$/),
    });

    await expectNothing(stores);
    expect(existsSync('/tmp/evil') || existsSync(join(stores.path, '..', 'evil'))).toBe(false);
  });
});

describe('FileImageStore.import()', () => {
  test('makes an image of a root file system with changes', async () => {
    await using stores = await openStores();
    const platform = { os: 'linux', architecture: 'amd64' };

    const id = await stores.images.import(Readable.from([gzipSync(pack(['etc/x', 'y']))]), {
      reference: 'imported',
      message: 'hello',
      platform,
      changes: ['CMD ["/bin/sh"]', 'ENV A=1'],
    });

    const image = await stores.images.resolve('imported:latest');
    expect(image.id).toBe(id);
    expect(image.size).toBe(1);
    expect(image.config).toMatchObject({
      comment: 'hello',
      architecture: 'amd64',
      config: { Cmd: ['/bin/sh'], Env: ['A=1'] },
    });
  });

  test('leaves nothing of an archive that is none', async () => {
    await using stores = await openStores();
    const options = { message: '', platform: { os: 'linux', architecture: 'amd64' }, changes: [] };

    const work = stores.images.import(Readable.from([Buffer.alloc(2000, 'x')]), options);

    await expect(work).rejects.toMatchObject({ code: 'LAYER_INVALID' });
    await expectNothing(stores);
  });
});

describe('FileImageStore.remove()', () => {
  async function loaded(stores: Stores, ...tags: string[]) {
    const tiny = await tinyImage();
    await stores.images.load(Readable.from([dockerArchive(tiny, tags)]));
    return digestOf(tiny.config);
  }

  test('takes names one by one, and the image and its layers with the last', async () => {
    await using stores = await openStores();
    const id = await loaded(stores, 'x:1', 'y:2');
    const [layer] = await stores.layers.list();

    expect(await stores.images.remove('x:1', free)).toEqual({ untagged: ['x:1'], deleted: [] });
    expect(await stores.images.remove('y:2', free)).toEqual({ untagged: ['y:2'], deleted: [id, layer] });

    expect(await stores.layers.list()).toEqual([]);
    expect(await stores.content.list()).toEqual([]);
  });

  test('keeps layers that another image needs', async () => {
    await using stores = await openStores();
    await loaded(stores, 'x:1');
    const { layer } = await tinyImage();
    const config = { os: 'linux', author: 'other', rootfs: { diff_ids: [digestOf(layer)] } };
    await stores.images.load(
      Readable.from([dockerArchive({ layer, config: Buffer.from(JSON.stringify(config)) }, ['other:1'])]),
    );

    const { deleted } = await stores.images.remove('x:1', free);

    expect(deleted).toHaveLength(1);
    expect(await stores.layers.list()).toHaveLength(1);
  });

  test("refuses in Docker's words", async () => {
    await using stores = await openStores();
    const id = await loaded(stores, 'x:1', 'y:2');
    const short = digestHex(id).slice(0, 12);
    const containerId = 'c'.repeat(64);
    const used = (running: boolean) => ({ ...free, inUse: () => ({ running, containerId }) });

    await expect(stores.images.remove(short, free)).rejects.toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    );
    await stores.images.remove('y:2', free);
    await expect(stores.images.remove('x:1', used(false))).rejects.toThrow(
      `conflict: unable to remove repository reference "x:1" (must force) - container cccccccccccc is using its referenced image ${short}`,
    );
    await expect(stores.images.remove(short, used(true))).rejects.toThrow(
      `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container cccccccccccc`,
    );
    await expect(stores.images.remove(short, used(false))).rejects.toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container cccccccccccc`,
    );
    await expect(stores.images.remove('nosuch', free)).rejects.toThrow('No such image: nosuch:latest');
    const { untagged } = await stores.images.remove('x:1', { ...used(true), force: true });
    expect(untagged).toEqual(['x:1']);
    expect((await stores.images.resolve(id)).repoTags).toEqual([]);
  });

  test('leaves the layers to a container that stands on them, until the next removal', async () => {
    await using stores = await openStores();
    const id = await loaded(stores, 'x:1');
    await stores.layers.prepare('c', (await stores.images.resolve(id)).chainId);

    const { deleted } = await stores.images.remove(id, { ...free, force: true });

    expect(deleted).toEqual([id]);
    expect(await stores.layers.list()).toHaveLength(1);
    await stores.layers.discard('c');
    await stores.images.recover();
    expect(await stores.layers.list()).toEqual([]);
  });
});

describe('FileImageStore', () => {
  test('finds an image by name, ID and prefix, also after a restart', async () => {
    await using stores = await openStores();
    await stores.images.load(createReadStream(await buildTinyImage(stores.path)));
    const { id } = await stores.images.resolve('busybox');
    await stores.images.tag('busybox', 'localhost:5000/copy');

    const again = new FileImageStore({
      root: `${stores.path}/images`,
      layers: stores.layers,
      content: stores.content,
    });
    await again.recover();

    for (const name of [
      id,
      digestHex(id),
      digestHex(id).slice(0, 5),
      id.slice(0, 15),
      'docker.io/library/busybox',
    ]) {
      expect((await again.resolve(name)).repoTags).toEqual(['busybox:latest', 'localhost:5000/copy:latest']);
    }
    await expect(again.resolve(`sha256:${'0'.repeat(64)}`)).rejects.toThrow('No such image: sha256:000');
    await expect(again.tag('busybox', 'X')).rejects.toThrow('must be lowercase');
  });

  test('remembers when an image was given a name last, also after a restart', async () => {
    await using stores = await openStores();
    const archive = dockerArchive(await tinyImage(), ['x:1']);
    const taggedAt = async (images = stores.images): Promise<number> =>
      Date.parse((await images.resolve('x:1')).taggedAt ?? '');
    const later = (time: number) => waitUntil(async () => (Date.now() > time ? true : undefined), clock);
    const clock = { what: 'the clock', timeoutMs: 30_000, intervalMs: 1 };

    const begin = Date.now();
    await stores.images.load(Readable.from([archive]));
    const loaded = await taggedAt();
    await later(loaded);
    await stores.images.tag('x:1', 'y:1');
    const tagged = await taggedAt();
    await later(tagged);
    await stores.images.load(Readable.from([archive])); // the same names again
    const again = await taggedAt();

    expect(loaded).toBeGreaterThanOrEqual(begin);
    expect(tagged).toBeGreaterThan(loaded);
    expect(again).toBeGreaterThan(tagged);
    const { layers, content } = stores;
    const reopened = new FileImageStore({ root: `${stores.path}/images`, layers, content });
    expect(await taggedAt(reopened)).toBe(again);
    const nameless = dockerArchive(await tinyImage({ 'etc/x': 'x' }), []);
    const [line = ''] = await stores.images.load(Readable.from([nameless]));
    expect((await stores.images.resolve(line.replace('Loaded image ID: ', ''))).taggedAt).toBeUndefined();
  });

  test('removes at its start what a crash has left of its records', async () => {
    await using stores = await openStores();
    await stores.images.load(Readable.from([dockerArchive(await tinyImage(), ['x:1'])]));
    const [hex = ''] = (await stores.layers.list()).map(digestHex);
    const drafts = [
      `${stores.path}/images/references.json.0123456789ab.tmp`,
      `${stores.path}/layers/overlay2/${hex}/layer.json.0123456789ab.tmp`,
    ];
    for (const draft of drafts) writeFileSync(draft, '{');

    await stores.layers.recover(new Set());
    await stores.images.recover();

    expect(drafts.filter(existsSync)).toEqual([]);
    expect((await stores.images.resolve('x:1')).repoTags).toEqual(['x:1']);
  });

  test('drops an image whose layers are gone, and its names', async () => {
    await using stores = await openStores();
    await stores.images.load(createReadStream(await buildTinyImage(stores.path)));
    await stores.layers.flush();
    rmSync(`${stores.path}/layers`, { recursive: true });
    writeFileSync(`${stores.path}/images/images/x.json`, 'damaged');

    const layers = new OverlayLayerStore({ root: `${stores.path}/layers` });
    const again = new FileImageStore({ root: `${stores.path}/images`, layers, content: stores.content });
    await again.recover();

    expect(await again.list()).toEqual([]);
    await expect(again.resolve('busybox')).rejects.toThrow('No such image: busybox:latest');
    expect(readFileSync(`${stores.path}/images/images/x.json`, 'utf8')).toBe('damaged');
  });
});
