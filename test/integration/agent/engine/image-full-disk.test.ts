import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { EngineClient } from '../../../../src/api/client/engine-client.js';
import { streamSource } from '../../../../src/cli/image-transfer/file-source.js';
import { pushImages } from '../../../../src/cli/image-transfer/push-images.js';
import { errorMessage } from '../../../../src/shared/errors.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { dockerArchive, layeredImage, layerWith } from '../../../support/layered-image.js';
import type { AgentLab } from './support/agent-lab.js';
import { BuildLab } from './support/build-lab.js';
import { fillDisk, fillDiskBut, freeDisk } from './support/chaos/full-disk.js';
import { expectRemains, expectWhole, imageIds, imageRemains, roomLeft } from './support/image-remains.js';

// The store is a small file system that gets full in the middle of what is done with images.
const host = '127.0.0.1:5000';
const name = `${host}/large:1`;
const [a, b, c] = ['a', 'b', 'c'].map((each) => randomBytes(4_000_000 + each.length));
const image = layeredImage(
  ...[a, b, c].map((content, at) => layerWith(`file${at}`, content ?? Buffer.alloc(0))),
);
const archive = dockerArchive(image, [name]);
/** What is left on the disk: less than any of the commands needs. */
const room = 2_000_000;

let builds: BuildLab;
let lab: AgentLab;
let registry: AsyncDisposable;
let target: EngineClient;

beforeAll(async () => {
  builds = await BuildLab.start('96m');
  lab = builds.lab;
  target = new EngineClient({ socketPath: lab.socket });
  const config = join(lab.directory, 'registry.yml');
  const storage = `storage: {filesystem: {rootdirectory: ${lab.directory}/registry}}`;
  await writeFile(config, `version: 0.1\nlog: {level: error}\n${storage}\nhttp: {addr: "${host}"}\n`);
  registry = await lab.serving(['docker-registry', 'serve', config], ['curl', '-sf', `http://${host}/v2/`]);
  await writeFile(join(lab.directory, 'image.tar'), archive);
  await writeFile(join(lab.directory, 'image.tar.gz'), gzipSync(archive, { level: 1 }));
  await writeFile(join(lab.directory, 'root.tar'), image.layers[0] ?? '');
  await ok('load', '-i', join(lab.directory, 'image.tar'));
  await ok('push', name);
  await ok('rmi', name);
  await ok('run', '--name', 'source', 'busybox', 'sh', '-c', 'head -c 4000000 /dev/urandom >/file');
  const unmounted = async () => ((await imageRemains(lab)).mounts.length === 1 ? true : undefined);
  await waitUntil(unmounted, { what: 'the end of the container', timeoutMs: 30_000, intervalMs: 50 });
}, 120_000);

afterEach(() => freeDisk(lab));

afterAll(async () => {
  target.close();
  await registry[Symbol.asyncDispose]();
  await builds[Symbol.asyncDispose]();
});

async function ok(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

interface Attempt {
  readonly code: number;
  readonly said: string;
}

async function docker(...args: readonly string[]): Promise<Attempt> {
  const { code, stdout, stderr } = await lab.docker(args);
  return { code, said: `${stdout}${stderr}` };
}

async function build(dockerfile: string, withBuildKit: boolean): Promise<Attempt> {
  const context = await builds.context({ Dockerfile: dockerfile });
  await writeFile(join(context, 'large'), a ?? '');
  if (!withBuildKit) return await docker('build', '--no-cache', '-t', 'made:1', context);
  const args = ['build', '--progress=plain', '--no-cache', '-t', 'made:1', context];
  const { code, all } = await builds.docker(args);
  return { code, said: all };
}

async function pushTo(): Promise<Attempt> {
  const { signal } = new AbortController();
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  await using images = await streamSource(Readable.from([archive]), { names: [], architecture, signal });
  const options = { machine: 'to', signal, reporter: silentReporter, progress() {} };
  return await pushImages(images, target, options).then(
    () => ({ code: 0, said: '' }),
    (error) => ({ code: 1, said: errorMessage(error) }),
  );
}

const copying = 'FROM busybox\nCOPY large /a\nCOPY large /b\n';
const running = 'FROM busybox\nRUN dd if=/dev/urandom of=/a bs=100000 count=40\n';

const commands: readonly (readonly [string, string, () => Promise<Attempt>])[] = [
  ['docker pull', name, () => docker('pull', name)],
  ['docker load', name, () => docker('load', '-i', join(lab.directory, 'image.tar'))],
  ['docker load, compressed', name, () => docker('load', '-i', join(lab.directory, 'image.tar.gz'))],
  ['docker import', 'made:1', () => docker('import', join(lab.directory, 'root.tar'), 'made:1')],
  ['docker commit', 'made:1', () => docker('commit', 'source', 'made:1')],
  ['tsmachine image push-to', name, pushTo],
  ['docker build with COPY', 'made:1', () => build(copying, false)],
  ['docker build with RUN', 'made:1', () => build(running, false)],
  ['docker buildx build with COPY', 'made:1', () => build(copying, true)],
  ['docker buildx build with RUN', 'made:1', () => build(running, true)],
];

test.each(commands)(
  '%s on a disk that gets full fails in these words, leaves nothing, and works with more room',
  async (what, made, run) => {
    const before = await imageRemains(lab);
    await fillDiskBut(lab, room);

    const failed = await run();

    expect(failed.said).toMatch(/no space left on device/i);
    expect(failed.code).not.toBe(0);
    expect(await docker('image', 'inspect', made)).toMatchObject({ code: 1 });
    await ok('builder', 'prune', '-af');
    await expectRemains(lab, what, before);
    await waitUntil(async () => ((await roomLeft(lab)) > room - 200_000 ? true : undefined), {
      ...{ what: 'the room to be free again', timeoutMs: 30_000, intervalMs: 50 },
    });

    await freeDisk(lab);
    expect(await run()).toMatchObject({ code: 0 });
    for (const id of await imageIds(lab)) await expectWhole(lab, id, what);
    await ok('rmi', made);
    await ok('builder', 'prune', '-af');
    await expectRemains(lab, what, before);
  },
  180_000,
);

test('on a disk without a byte left images are listed and saved, and removed', async () => {
  await ok('load', '-i', join(lab.directory, 'image.tar'));
  await build(running, false);
  await fillDisk(lab);

  expect(await ok('images', '-q', name)).not.toBe('');
  expect((await docker('tag', name, 'other:1')).said).toContain('no space left on device');
  expect(await ok('images', '-q', 'other:1')).toBe('');
  await expectWhole(lab, image.id, 'on a full disk');

  expect(await ok('rmi', name)).toContain(`Deleted: ${image.id}`);
  await fillDisk(lab);
  expect(await ok('image', 'prune', '-af')).toContain('deleted: ');
  await fillDisk(lab);
  await ok('builder', 'prune', '-af');
  expect(await roomLeft(lab)).toBeGreaterThan(3_000_000);
  await freeDisk(lab);
  await lab.endAgent('SIGKILL');
  await lab.startAgent();
  expect(await ok('images', '-q', name)).toBe('');
}, 180_000);
