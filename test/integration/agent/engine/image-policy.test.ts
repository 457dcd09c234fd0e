import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EngineClient } from '../../../../src/api/client/engine-client.js';
import { readImagePolicy, writeImagePolicy } from '../../../../src/api/client/image-policy.js';
import { loadImages } from '../../../../src/api/client/images.js';
import { withSignatureRule } from '../../../../src/cli/image-policy/require-signature.js';
import { dockerArchive, layeredImage, layerWith } from '../../../support/layered-image.js';
import { testKey } from '../../../support/sign-image.js';
import { AgentLab } from './support/agent-lab.js';

const host = '127.0.0.1:5000';
const image = `${host}/team/app:1`;
const key = { path: 'cosign.pub', text: testKey().publicKey };

let lab: AgentLab;
let client: EngineClient;
let registry: AsyncDisposable;

beforeAll(async () => {
  lab = await AgentLab.start();
  client = new EngineClient({ socketPath: lab.socket });
  const config = join(lab.directory, 'registry.yml');
  const storage = `storage: {filesystem: {rootdirectory: ${lab.directory}/registry}}`;
  await writeFile(config, `version: 0.1\nlog: {level: error}\n${storage}\nhttp: {addr: "${host}"}\n`);
  registry = await lab.serving(['docker-registry', 'serve', config], ['curl', '-sf', `http://${host}/v2/`]);
  const content = layeredImage(layerWith('f', randomBytes(1000)));
  const archive = dockerArchive(content, [image]);
  for await (const _line of loadImages(client, Readable.from([archive]), { quiet: true }));
  await lab.docker(['push', image]);
  await lab.docker(['rmi', image]);
}, 30_000);
afterEach(() => writeImagePolicy(client, undefined));
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  client.close();
  await lab[Symbol.asyncDispose]();
});

test('docker pull, build and create are refused what needs a signature, and leave nothing', async () => {
  await writeImagePolicy(client, withSignatureRule(undefined, { scope: `${host}/team`, keys: [key] }));
  const context = join(lab.directory, 'context');
  await mkdir(context);
  await writeFile(join(context, 'Dockerfile'), `FROM ${image}\nLABEL a=b\n`);
  const before = await readdir(join(lab.directory, 'data/layers/overlay2'));

  for (const args of [
    ['pull', image],
    ['build', context],
    ['create', image],
    ['run', '--rm', image],
  ]) {
    const { code, stderr } = await lab.docker(args);
    expect({ args, code }).not.toEqual({ args, code: 0 });
    expect(stderr).toContain('is refused by the image policy of this host: it needs a signature');
  }
  expect((await lab.docker(['images', '-q', image])).stdout).toBe('');
  expect(await readdir(join(lab.directory, 'data/layers/overlay2'))).toEqual(before);
  await writeImagePolicy(client, undefined);
  expect(await lab.docker(['pull', image])).toMatchObject({ code: 0 });
});

test('what comes in an archive is let in, unless the policy says otherwise', async () => {
  const saved = Buffer.from((await lab.docker(['save', 'busybox'])).stdout, 'latin1');
  const rules = { docker: { [host]: [{ type: 'reject' }] } };
  const accept = [{ type: 'insecureAcceptAnything' }];
  await writeImagePolicy(client, JSON.stringify({ default: accept, transports: rules }));
  expect((await lab.docker(['load'], { input: saved })).code).toBe(0);
  const reject = { '': [{ type: 'reject' }] };
  const archives = { ...rules, 'docker-archive': reject, tarball: reject };
  await writeImagePolicy(client, JSON.stringify({ default: accept, transports: archives }));

  expect((await lab.docker(['load'], { input: saved })).stderr).toContain('it rejects all images');
  expect((await lab.docker(['import', '-', 'x'], { input: saved })).stderr).toContain(
    'it rejects all images',
  );
});

test('a policy is kept as it is given; one that cannot be used is refused, and the old one stays', async () => {
  const first = withSignatureRule(undefined, { scope: 'example.com', keys: [key] });
  const both = withSignatureRule(first, { scope: '*.example.com', keys: [key, key] });
  await writeImagePolicy(client, both);

  await expect(writeImagePolicy(client, '{"default":[]}')).rejects.toThrow(/cannot use the image policy/);
  expect(await readImagePolicy(client)).toBe(both);
  expect(Object.keys(JSON.parse(both).transports.docker)).toEqual(['example.com', '*.example.com']);
  expect(() => withSignatureRule(first, { scope: 'a', keys: [{ path: 'b', text: 'no key' }] })).toThrow(
    '"b" is no public key',
  );
});
