import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { BlobRecords } from '../../../../src/agent/image/blob-records.js';
import { ContentStore } from '../../../../src/agent/image/content-store.js';
import { FileImageStore } from '../../../../src/agent/image/file-image-store.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import type { PushRequest } from '../../../../src/agent/registry/puller.js';
import { RegistryDirectory } from '../../../../src/agent/registry/registry-directory.js';
import { RegistryPuller } from '../../../../src/agent/registry/registry-puller.js';
import { RegistryPusher } from '../../../../src/agent/registry/registry-pusher.js';
import type { ProgressMessage } from '../../../../src/api/progress.js';
import { digestOf } from '../../../../src/shared/digest.js';
import { silentLogger } from '../../../../src/shared/logger.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { startRegistry } from '../../../support/registry.js';
import { startTcpProxy } from '../../../support/tcp-proxy.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

async function openStore(certificatesDirectory = '/nonexistent') {
  const dir = await temporaryDirectory();
  const layers = new OverlayLayerStore({ root: `${dir.path}/layers` });
  const content = new ContentStore({ root: `${dir.path}/content` });
  const images = new FileImageStore({ root: `${dir.path}/images`, layers, content });
  const blobs = new BlobRecords(`${dir.path}/blobs`, silentLogger);
  const timing = { firstRetryDelayMs: 5, stallMs: 5000, certificatesDirectories: [certificatesDirectory] };
  const pusher = new RegistryPusher({ images, layers, blobs, ...timing });
  const puller = new RegistryPuller({ images, layers, content, blobs, architecture: 'amd64', ...timing });
  const messages: ProgressMessage[] = [];
  const signal = new AbortController().signal;
  const common = { signal, progress: (message: ProgressMessage) => void messages.push(message) };
  return {
    ...{ images, layers, messages },
    push: (reference: string, rest: Partial<PushRequest> = {}) =>
      pusher.push({ reference, ...common, ...rest }),
    pull: (reference: string, rest: Partial<PushRequest> = {}) =>
      puller.pull({ reference, ...common, ...rest }),
    async [Symbol.asyncDispose]() {
      await layers.flush();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** An image of layers with one large file, some small ones and a name that needs a pax header. */
async function addImage({ images }: Awaited<ReturnType<typeof openStore>>, name: string, count = 2) {
  const layers = Array.from({ length: count }, (_, n) =>
    Buffer.concat([
      tarFile({ type: 'directory', name: `d${n}/`, mtime: 1_500_000_000n }),
      tarFile({ type: 'file', name: `d${n}/large`, mode: 0o4755 }, randomBytes(700_001)),
      tarFile(
        { type: 'file', name: `d${n}/${'x'.repeat(200)}`, mtime: 12_345_678_900n },
        Buffer.from('long'),
      ),
      tarFile({ type: 'hard-link', name: `d${n}/link`, linkName: `d${n}/large` }),
      tarFile({ type: 'file', name: `d${n}/.wh.gone` }),
      tarEnd,
      Buffer.alloc(8192), // some writers fill up a record
    ]),
  );
  const config = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) },
  };
  const configBlob = Buffer.from(JSON.stringify(config));
  const file = (path: string, content: Buffer) => tarFile({ type: 'file', name: path }, content);
  const manifest = [{ Config: 'c', RepoTags: [name], Layers: layers.map((_, n) => `l${n}`) }];
  const archive = Buffer.concat([
    file('c', configBlob),
    ...layers.map((layer, n) => file(`l${n}`, layer)),
    file('manifest.json', Buffer.from(JSON.stringify(manifest))),
    tarEnd,
  ]);
  await images.load(Readable.from([archive]));
  return { id: digestOf(configBlob), layers };
}

const statuses = (messages: readonly ProgressMessage[]) =>
  messages.flatMap(({ status }) => (status && status !== 'Pushing' ? [status] : []));

describe('RegistryPusher.push() to docker-registry', () => {
  test('what was pushed is pulled again as the same image, and told as docker does', async () => {
    await using registry = await startRegistry();
    await using from = await openStore();
    await using to = await openStore();
    const reference = `${registry.host}/team/app:1`;
    const { id } = await addImage(from, reference);

    await from.push(reference);
    await to.pull(reference);

    expect((await to.images.resolve(reference)).id).toBe(id);
    const { repoDigests } = await from.images.resolve(reference);
    expect(repoDigests).toEqual((await to.images.resolve(reference)).repoDigests);
    const told = statuses(from.messages);
    expect(told[0]).toBe(`The push refers to repository [${registry.host}/team/app]`);
    expect(told.slice(1, 5)).toEqual(['Preparing', 'Preparing', 'Pushed', 'Pushed']);
    expect(told[5]).toMatch(/^1: digest: sha256:[0-9a-f]{64} size: \d+$/);
    expect(from.messages.at(-1)?.aux).toEqual({
      Tag: '1',
      Digest: repoDigests[0]?.split('@')[1],
      Size: Number(told[5]?.split(' ').at(-1)),
    });
  });

  test('a registry that lets in only who shows a certificate gets the one of certs.d', async () => {
    await using registry = await startRegistry({ tls: true, clientCertificates: true });
    await using store = await openStore(registry.certificatesDirectory);
    await using stranger = await openStore();
    const { host } = registry;
    const { id } = await addImage(store, `${host}/app:1`);

    await store.push(`${host}/app:1`);
    await store.images.remove(`${host}/app:1`, { force: true, noPrune: false, inUse: () => undefined });
    await store.pull(`${host}/app:1`);

    expect((await store.images.resolve(`${host}/app:1`)).id).toBe(id);
    await expect(stranger.pull(`${host}/app:1`)).rejects.toMatchObject({
      code: expect.stringMatching(/^REGISTRY_/),
    });
  });

  test('a client certificate without its key is named', async () => {
    await using registry = await startRegistry({ tls: true, clientCertificates: true });
    await using store = await openStore(registry.certificatesDirectory);
    rmSync(`${registry.certificatesDirectory}/${registry.host}/client.key`);

    await expect(store.pull(`${registry.host}/app:1`)).rejects.toThrow(
      /^missing key client\.key for client certificate .*client\.cert\. CA certificates must use/,
    );
  });

  test('an image of another platform than the wanted one is not pushed', async () => {
    await using registry = await startRegistry();
    await using store = await openStore();
    const reference = `${registry.host}/app:1`;
    await addImage(store, reference);

    await expect(
      store.push(reference, { platform: { os: 'linux', architecture: 'arm64' } }),
    ).rejects.toMatchObject({
      kind: 'not-found',
      message: `image with reference ${reference} was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64`,
    });

    await store.push(reference, { platform: { os: 'linux', architecture: 'amd64' } });
    expect(statuses(store.messages).at(-1)).toMatch(/^1: digest: /);
  });

  test('layers that the repository has are not sent again; another repository gets them mounted', async () => {
    await using registry = await startRegistry();
    await using store = await openStore();
    const first = `${registry.host}/one:1`;
    await addImage(store, first);
    await store.push(first);
    await store.images.tag(first, `${registry.host}/two:1`);
    store.messages.length = 0;

    await store.push(first);
    await store.push(`${registry.host}/two`);

    const told = statuses(store.messages);
    expect(told.filter((each) => each === 'Layer already exists')).toHaveLength(2);
    expect(told.filter((each) => each === 'Mounted from one')).toHaveLength(2);
    expect(told).not.toContain('Pushed');
  });

  test('a reference without tag pushes all tags of the repository', async () => {
    await using registry = await startRegistry();
    await using store = await openStore();
    await addImage(store, `${registry.host}/x:b`);
    await store.images.tag(`${registry.host}/x:b`, `${registry.host}/x:a`);

    await store.push(`${registry.host}/x`);

    const ends = statuses(store.messages).filter((each) => each.includes('digest:'));
    expect(ends.map((each) => each.split(':')[0])).toEqual(['a', 'b']);
  });

  test.each(['basic', 'token'] as const)('logs in with %s authentication', async (auth) => {
    await using registry = await startRegistry({ tls: auth === 'basic', auth });
    await using store = await openStore(registry.certificatesDirectory);
    const reference = `${registry.host}/secret/app:1`;
    await addImage(store, reference);
    await store.images.tag(reference, `${registry.host}/secret/other:1`);
    const credentials = { username: 'alice', password: 'secret' };

    await expect(store.push(reference)).rejects.toThrow(/no basic auth credentials|denied|unauthorized/);
    await store.push(reference, { credentials });
    await store.push(`${registry.host}/secret/other:1`, { credentials });

    expect(statuses(store.messages)).toContain('Mounted from secret/app');
  });

  test('goes on where a broken connection left the upload', async () => {
    await using registry = await startRegistry();
    const port = Number(registry.host.split(':')[1]);
    await using proxy = await startTcpProxy('127.0.0.1', port);
    await using store = await openStore();
    const reference = `127.0.0.1:${proxy.port}/x:1`;
    const { id } = await addImage(store, reference, 1);
    let broken = 0;
    const progress = (message: ProgressMessage): void => {
      store.messages.push(message);
      if (message.status === 'Pushing' && broken++ === 0) proxy.cut();
    };

    await store.push(reference, { progress });

    expect(broken).toBeGreaterThan(0);
    expect(statuses(store.messages)).toContain('Retrying in 1 seconds');
    await using to = await openStore();
    await to.pull(`${registry.host}/x:1`);
    expect((await to.images.resolve(`${registry.host}/x:1`)).id).toBe(id);
  });

  test.each([
    ['127.0.0.1:1/none', 'An image does not exist locally with the tag: 127.0.0.1:1/none'],
    [`127.0.0.1:1/x@sha256:${'0'.repeat(64)}`, 'cannot push a digest reference'],
  ])('refuses %s', async (reference, message) => {
    await using store = await openStore();

    await expect(store.push(reference)).rejects.toThrow(message);
  });
});

describe('RegistryDirectory', () => {
  const signal = new AbortController().signal;

  test.each(['basic', 'token'] as const)('login accepts and refuses by %s authentication', async (auth) => {
    await using registry = await startRegistry({ tls: auth === 'basic', auth });
    const { certificatesDirectory, host } = registry;
    const directory = new RegistryDirectory({ certificatesDirectories: [certificatesDirectory] });
    const login = (password: string) => directory.login(host, { username: 'alice', password }, signal);

    await expect(login('secret')).resolves.toBe(undefined);
    await expect(login('wrong')).rejects.toMatchObject({
      kind: 'unauthenticated',
      message: expect.stringContaining('unauthorized: '),
    });
  });

  test('inspect answers descriptor and platforms without a pull', async () => {
    await using registry = await startRegistry();
    await using store = await openStore();
    const reference = `${registry.host}/x:1`;
    await addImage(store, reference);
    await store.push(reference);

    const found = await new RegistryDirectory({}).inspect(reference, undefined, signal);

    expect(found.Platforms).toEqual([{ os: 'linux', architecture: 'amd64' }]);
    expect(found.Descriptor.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json');
    expect((await store.images.resolve(reference)).repoDigests[0]).toContain(found.Descriptor.digest);
  });
});

describe('FileImageStore.save()', () => {
  test('another store loads it as the same image, with the same names', async () => {
    await using from = await openStore();
    await using to = await openStore();
    const { id } = await addImage(from, 'app:1');
    await from.images.tag('app:1', 'app:2');

    const archive = await buffer(await from.images.save(['app']));
    const lines = await to.images.load(Readable.from([archive]));

    expect(lines).toEqual(['Loaded image: app:1', 'Loaded image: app:2']);
    expect((await to.images.resolve('app:2')).id).toBe(id);
  });

  test('the same images give the same bytes; an ID brings no names; a layer comes once', async () => {
    await using store = await openStore();
    const { id, layers } = await addImage(store, 'app:1');
    await store.images.tag('app:1', 'other:1');

    const twice = await buffer(await store.images.save(['app:1', 'other:1']));

    expect((await buffer(await store.images.save(['app:1', 'other:1']))).equals(twice)).toBe(true);
    expect(twice.length).toBeLessThan(layers.reduce((sum, layer) => sum + layer.length, 50_000));
    const unnamed = await buffer(await store.images.save([id]));
    expect(unnamed.toString('latin1')).toContain('"RepoTags":null');
    await expect(store.images.save(['none'])).rejects.toThrow('No such image: none:latest');
  });

  test('of one platform: an image of another is refused, and left out of what is loaded', async () => {
    await using from = await openStore();
    await using to = await openStore();
    const { id } = await addImage(from, 'app:1');
    const [amd64, arm64] = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));

    await expect(from.images.save(['app:1'], { platform: arm64 })).rejects.toThrow(
      'image with reference app:1 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64',
    );
    const archive = await buffer(await from.images.save(['app:1'], { platform: amd64 }));

    await expect(to.images.load(Readable.from([archive]), { platform: arm64 })).rejects.toThrow(
      'it has no image for linux/arm64',
    );
    expect(await to.images.list()).toEqual([]);
    expect(await to.layers.list()).toEqual([]);
    await to.images.load(Readable.from([archive]), { platform: amd64 });
    expect((await to.images.resolve('app:1')).id).toBe(id);
  });
});
