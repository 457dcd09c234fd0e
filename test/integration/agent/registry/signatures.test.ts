import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { ContentStore } from '../../../../src/agent/image/content-store.js';
import { FileImageStore } from '../../../../src/agent/image/file-image-store.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { RegistryPuller } from '../../../../src/agent/registry/registry-puller.js';
import { ImagePolicyFile } from '../../../../src/agent/trust/image-policy-file.js';
import { layeredImage, layerWith } from '../../../support/layered-image.js';
import { indexType, manifestType, startRegistry, type TestRegistry } from '../../../support/registry.js';
import { signImage, type TestKey, testKey } from '../../../support/sign-image.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry[Symbol.asyncDispose]());

/** A store with a policy file, which may be written later. */
async function openHost() {
  const dir = await temporaryDirectory();
  const layers = new OverlayLayerStore({ root: `${dir.path}/layers` });
  const content = new ContentStore({ root: `${dir.path}/content` });
  const images = new FileImageStore({ root: `${dir.path}/images`, layers, content });
  const path = `${dir.path}/image-policy.json`;
  const puller = new RegistryPuller({
    ...{ images, layers, content, architecture: 'amd64', policy: new ImagePolicyFile(path) },
  });
  return {
    ...{ images, layers, content, path },
    setPolicy: (policy: object) => writeFile(path, JSON.stringify(policy)),
    pull: (name: string) =>
      puller.pull({
        reference: `${registry.host}/${name}`,
        progress() {},
        signal: new AbortController().signal,
      }),
    async [Symbol.asyncDispose]() {
      await layers.flush();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function pushImage(repository: string, tag = '1'): Promise<string> {
  const { config, layers } = layeredImage(layerWith('f', randomBytes(1000)));
  return (await registry.push(repository, tag, { config, layers })).digest;
}

const accept = [{ type: 'insecureAcceptAnything' }];
const signedBy = (key: TestKey, signedIdentity?: object) => [
  {
    type: 'sigstoreSigned',
    keyData: Buffer.from(key.publicKey).toString('base64'),
    ...(signedIdentity && { signedIdentity }),
  },
];
const policyFor = (scope: string, requirements: object) => ({
  default: accept,
  transports: { docker: { [scope]: requirements } },
});

test.each(['ec', 'ed25519', 'rsa'] as const)(
  'a signature by a key of type %s lets an image in',
  async (type) => {
    await using host = await openHost();
    const key = testKey(type);
    const digest = await pushImage(`signed/${type}`);
    await host.setPolicy(policyFor(`${registry.host}/signed`, signedBy(key)));
    await expect(host.pull(`signed/${type}:1`)).rejects.toThrow('it needs a signature, and there is none');
    await signImage(registry, { repository: `signed/${type}`, digest, key });

    await host.pull(`signed/${type}:1`);
    await host.pull(`signed/${type}@${digest}`);

    expect(await host.images.list()).toHaveLength(1);
  },
);

test('an image without a signature is refused by tag and by digest, and nothing of it remains', async () => {
  await using host = await openHost();
  const digest = await pushImage('unsigned');
  await host.setPolicy(policyFor(registry.host, signedBy(testKey())));

  for (const name of ['unsigned:1', `unsigned@${digest}`]) {
    await expect(host.pull(name)).rejects.toMatchObject({
      code: 'IMAGE_NOT_TRUSTED',
      kind: 'permission-denied',
    });
  }
  expect(await host.images.list()).toEqual([]);
  expect(await host.layers.list()).toEqual([]);
  expect(await host.content.list()).toEqual([]);
});

test.each([
  ['by another key', { key: testKey() }, /none of its signatures is by a key/],
  ['of another image', { claimedDigest: `sha256:${'0'.repeat(64)}` }, /none of its signatures/],
  ['for another repository', { reference: 'example.com/other' }, /its signature is for example\.com\/other/],
])('a signature %s does not do', async (_, other, message) => {
  await using host = await openHost();
  const key = testKey();
  const digest = await pushImage('wrong');
  await signImage(registry, { repository: 'wrong', digest, key, ...other });
  await host.setPolicy(policyFor(registry.host, signedBy(key)));

  await expect(host.pull('wrong:1')).rejects.toThrow(message);
});

test('a change of the policy holds at once; without one, and out of its scope, everything is let in', async () => {
  await using host = await openHost();
  await pushImage('free');
  await host.pull('free:1');
  await host.setPolicy(policyFor(`${registry.host}/free`, [{ type: 'reject' }]));
  await expect(host.pull('free:1')).rejects.toThrow('it rejects all images');
  await host.setPolicy(policyFor(`${registry.host}/fre`, [{ type: 'reject' }]));
  await host.pull('free:1');
  await host.setPolicy({ default: [{ type: 'reject' }] });
  await expect(host.pull('free:1')).rejects.toThrow('it rejects all images');
  await rm(host.path);
  await host.pull('free:1');
});

test('of an index its own signature does, and that of the image for this platform', async () => {
  await using host = await openHost();
  const key = testKey();
  const child = await pushImage('multi', 'amd64');
  const index = JSON.stringify({
    ...{ schemaVersion: 2, mediaType: indexType },
    manifests: [
      { mediaType: manifestType, digest: child, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
    ],
  });
  const digest = await registry.putManifest('multi', 'all', indexType, index);
  await host.setPolicy(policyFor(registry.host, signedBy(key)));
  await expect(host.pull('multi:all')).rejects.toThrow('there is none');
  await signImage(registry, { repository: 'multi', digest, key });
  await host.pull('multi:all');
  await expect(host.pull('multi:amd64')).rejects.toThrow('there is none');
  await signImage(registry, { repository: 'multi', digest: child, key });
  await host.pull('multi:amd64');
});

test('a signature that refers to the image does, too', async () => {
  await using host = await openHost();
  const key = testKey();
  const digest = await pushImage('referred');
  await host.setPolicy(policyFor(registry.host, signedBy(key)));
  await expect(host.pull('referred:1')).rejects.toThrow('there is none');
  await signImage(registry, { repository: 'referred', digest, key }, 'referrers');

  await host.pull('referred:1');
});

test.each([
  ['matchExact', { type: 'matchExact' }, 'tagged:1', true],
  ['matchExact of another tag', { type: 'matchExact' }, 'tagged:2', false],
  ['matchRepoDigestOrExact', { type: 'matchRepoDigestOrExact' }, 'tagged:2', false],
  ['exactRepository', { type: 'exactRepository', dockerRepository: 'example.com/x' }, 'tagged:1', false],
])('the identity %s', async (_, identity, name, isIn) => {
  await using host = await openHost();
  const key = testKey();
  const digest = await pushImage('tagged', '1');
  const second = await pushImage('tagged', '2');
  for (const each of [digest, second]) {
    const reference = `${registry.host}/tagged:1`;
    await signImage(registry, { repository: 'tagged', digest: each, key, reference });
  }
  await host.setPolicy(policyFor(registry.host, signedBy(key, identity)));

  const pulling = host.pull(name);

  if (isIn) await pulling;
  else await expect(pulling).rejects.toThrow(/its signature is for/);
});

test.each([
  ['is no JSON', '{'],
  ['has no default', '{"transports":{}}'],
  ['has a type that nobody knows', '{"default":[{"type":"trustMe"}]}'],
  ['wants what cannot be checked', '{"default":[{"type":"sigstoreSigned","fulcio":{},"keyData":"eA=="}]}'],
  ['has a key that is none', '{"default":[{"type":"sigstoreSigned","keyData":"eA=="}]}'],
  ['names a key that is not there', '{"default":[{"type":"sigstoreSigned","keyPath":"/none.pub"}]}'],
])('with a policy that %s nothing is let in', async (_, text) => {
  await using host = await openHost();
  await pushImage('any');
  await writeFile(host.path, text);

  await expect(host.pull('any:1')).rejects.toMatchObject({ code: 'IMAGE_POLICY_INVALID' });
});
