import { zstdCompressSync } from 'node:zlib';
import { exchange } from '../../../../src/agent/registry/http-exchange.js';
import { registryAgents } from '../../../../src/agent/registry/registry-agents.js';
import { digestOf } from '../../../../src/shared/digest.js';
import { indexType, manifestType, startRegistry } from '../../../support/registry.js';
import { tinyImage } from '../../../support/tiny-image.js';
import { expectNothing, openPuller, smallImage } from './support/misbehaving.js';

const alice = { username: 'alice', password: 'secret' };

describe('RegistryPuller.pull() from docker-registry', () => {
  test("pulls an image and tells docker's messages in docker's order", async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const { layer, config } = await tinyImage();
    const { digest } = await registry.push('library/tiny', '1', { config, layers: [layer] });
    const reference = `${registry.host}/library/tiny:1`;

    await opened.pull(reference);

    const seen = opened.messages.filter(({ status }) => status !== 'Downloading');
    const id = seen[1]?.id;
    expect(seen.map((message) => [message.id, message.status])).toEqual([
      ['1', 'Pulling from library/tiny'],
      [id, 'Pulling fs layer'],
      [id, 'Verifying Checksum'],
      [id, 'Download complete'],
      [id, 'Extracting'],
      [id, 'Pull complete'],
      [undefined, `Digest: ${digest}`],
      [undefined, `Status: Downloaded newer image for ${reference}`],
    ]);
    expect(opened.messages.some(({ progressDetail }) => (progressDetail?.total ?? 0) > 100_000)).toBe(true);
    const image = await opened.images.resolve(reference);
    expect(image.id).toBe(digestOf(config));
    expect(image.repoDigests).toEqual([`${registry.host}/library/tiny@${digest}`]);
  });

  test('finds that an image is up to date, and layers that are there', async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const one = smallImage(2);
    const more = smallImage(1);
    const both = { ...one, layers: [...one.layers, ...more.layers] };
    const config = { os: 'linux', rootfs: { diff_ids: both.layers.map((layer) => digestOf(layer)) } };
    await registry.push('x', '1', one);
    await registry.push('x', '2', { ...both, config: Buffer.from(JSON.stringify(config)) });
    await opened.pull(`${registry.host}/x:1`);

    opened.messages.length = 0;
    await opened.pull(`${registry.host}/x:1`);
    expect(opened.messages.at(-1)?.status).toBe(`Status: Image is up to date for ${registry.host}/x:1`);

    opened.messages.length = 0;
    await opened.pull(`${registry.host}/x:2`);
    const statuses = opened.messages.map(({ status }) => status);
    expect(statuses.filter((status) => status === 'Already exists')).toHaveLength(2);
    expect(statuses.filter((status) => status === 'Pull complete')).toHaveLength(1);
  });

  test('pulls many layers and ones compressed with zstd, by digest', async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const image = smallImage(7);
    const { digest } = await registry.push('many', '1', {
      ...image,
      compress: (layer) => zstdCompressSync(layer),
    });

    await opened.pull(`${registry.host}/many@${digest}`);

    const { id, repoTags, repoDigests } = await opened.images.resolve(`${registry.host}/many@${digest}`);
    expect([id, repoTags, repoDigests]).toEqual([
      digestOf(image.config),
      [],
      [`${registry.host}/many@${digest}`],
    ]);
    expect(opened.messages.filter(({ status }) => status === 'Waiting')).toHaveLength(4);
    expect(await opened.layers.list()).toHaveLength(7);
  });

  test('chooses the platform of a manifest list', async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const [amd, arm] = [smallImage(1), smallImage(1)];
    const describe = async (architecture: string, image: typeof amd) => ({
      mediaType: manifestType,
      ...(await registry.push('multi', architecture, image)),
      platform: { os: 'linux', architecture },
    });
    const manifests = [await describe('arm64', arm), await describe('amd64', amd)];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });
    await registry.putManifest('multi', 'latest', indexType, index);

    await opened.pull(`${registry.host}/multi`);
    expect((await opened.images.resolve(`${registry.host}/multi`)).id).toBe(digestOf(amd.config));
    await opened.pull(`${registry.host}/multi`, { platform: { os: 'linux', architecture: 'arm64' } });
    expect((await opened.images.resolve(`${registry.host}/multi`)).id).toBe(digestOf(arm.config));
    const other = opened.pull(`${registry.host}/multi`, { platform: { os: 'linux', architecture: 's390x' } });
    await expect(other).rejects.toThrow('no matching manifest for linux/s390x in the manifest list entries');
  });

  test("says in docker's words what is not there", async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));

    await expect(opened.pull(`${registry.host}/x:nosuch`)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: `manifest for ${registry.host}/x:nosuch not found: manifest unknown: manifest unknown`,
    });
    await expectNothing(opened);
  });

  test('speaks TLS', async () => {
    await using registry = await startRegistry({ tls: true });
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));

    await opened.pull(`${registry.host}/x:1`);

    expect(await opened.images.list()).toHaveLength(1);
  });

  test('trusts the authority in certs.d for a host that is not insecure, and no other', async () => {
    await using registry = await startRegistry({ tls: true });
    const ask = async (directory: string) => {
      const agents = await registryAgents([directory], registry.host, false);
      const url = new URL(`https://${registry.host}/v2/`);
      const signal = new AbortController().signal;
      try {
        return await exchange({ method: 'GET', url, agent: agents.for(url), signal, deadlineMs: 5000 });
      } finally {
        agents.close();
      }
    };

    expect((await ask(registry.certificatesDirectory)).status).toBe(200);
    await expect(ask('/nonexistent')).rejects.toThrow(
      `Get "https://${registry.host}/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    );
  });

  test('logs in with basic authentication', async () => {
    await using registry = await startRegistry({ auth: 'basic' });
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));
    const reference = `${registry.host}/x:1`;

    await expect(opened.pull(reference)).rejects.toThrow('no basic auth credentials');
    await expect(
      opened.pull(reference, { credentials: { ...alice, password: 'wrong' } }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
    });
    await opened.pull(reference, { credentials: alice });

    expect(await opened.images.list()).toHaveLength(1);
  });

  test('logs in with tokens: password, identity token, ready token; others are denied', async () => {
    await using registry = await startRegistry({ auth: 'token' });
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));
    const reference = `${registry.host}/x:1`;

    await expect(opened.pull(reference)).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      message: expect.stringContaining(
        `pull access denied for ${registry.host}/x, repository does not exist or may require 'docker login': denied: `,
      ),
    });
    await expect(opened.pull(reference, { credentials: { ...alice, password: 'no' } })).rejects.toThrow(
      'unauthorized: incorrect username or password',
    );
    await opened.pull(reference, { credentials: { identityToken: 'alice-identity' } });
    await opened.pull(reference, { credentials: alice });

    expect(await opened.images.list()).toHaveLength(1);
  });

  test("says in docker's words that nobody listens", async () => {
    await using opened = await openPuller();

    await expect(opened.pull('127.0.0.1:1/x')).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    });
  });
});

test('pulls every tag of a repository, also from a registry that lists them in pages', async () => {
  await using registry = await startRegistry();
  await using opened = await openPuller();
  for (const tag of ['a', 'b', 'c']) await registry.push('many', tag, smallImage(1));

  await opened.pull(`${registry.host}/many`, { allTags: true });

  const tags = (await opened.images.list()).flatMap(({ repoTags }) => repoTags).sort();
  expect(tags).toEqual(['a', 'b', 'c'].map((tag) => `${registry.host}/many:${tag}`));
});
