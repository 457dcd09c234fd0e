import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineClient } from '../../../../src/api/client/engine-client.js';
import { streamSource } from '../../../../src/cli/image-transfer/file-source.js';
import { pushImages } from '../../../../src/cli/image-transfer/push-images.js';
import { digestOf } from '../../../../src/shared/digest.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';
import { CrashPoints } from './support/crash-points/crash-points.js';
import {
  expectRemains,
  expectWhole,
  type ImageRemains,
  imageIds,
  imageRemains,
} from './support/image-remains.js';

/** More of them by the environment. */
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 1);
const pointsOfEach = Number(process.env['CRASH_POINTS'] ?? 2);
/** Of the kills; the same in every run. */
const moments = [3, 10, 25, 60, 120, 250];

let lab: AgentLab;
let points: CrashPoints;
let registry: AsyncDisposable;
const host = '127.0.0.1:5000';

beforeAll(async () => {
  lab = await AgentLab.start();
  points = await CrashPoints.in(lab);
  const config = join(lab.directory, 'registry.yml');
  const storage = `storage: {filesystem: {rootdirectory: ${lab.directory}/registry}}`;
  await writeFile(config, `version: 0.1\nlog: {level: error}\n${storage}\nhttp: {addr: "${host}"}\n`);
  registry = await lab.serving(['docker-registry', 'serve', config], ['curl', '-sf', `http://${host}/v2/`]);
  await writeFile(join(lab.directory, 'image.tar'), archive(`${host}/large:1`));
  await writeFile(join(lab.directory, 'root.tar'), layer('root'));
  await lab.docker(['load', '-i', join(lab.directory, 'image.tar')]);
  expect(await lab.docker(['push', `${host}/large:1`])).toMatchObject({ code: 0 });
  await lab.docker(['rmi', `${host}/large:1`]);
  await lab.docker(['run', '--name', 'source', 'busybox', 'sh', '-c', 'head -c 3000000 /dev/urandom >/file']);
  const unmounted = async () => ((await imageRemains(lab)).mounts.length === 0 ? true : undefined);
  await waitUntil(unmounted, { what: 'the end of the container', timeoutMs: 30_000, intervalMs: 50 });
}, 120_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

const load = () => lab.docker(['load', '-i', join(lab.directory, 'image.tar')]);
const build = () =>
  lab.docker(['build', '--no-cache', '-t', 'built', '-'], {
    input: 'FROM busybox\nRUN head -c 3000000 /dev/urandom >/a\nRUN head -c 3000000 /dev/urandom >/b\n',
  });
const nothing = async (): Promise<unknown> => undefined;

const commands: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
  ['load', nothing, load],
  ['pull', nothing, () => lab.docker(['pull', `${host}/large:1`])],
  ['push', load, () => lab.docker(['push', `${host}/large:1`])],
  ['import', nothing, () => lab.docker(['import', join(lab.directory, 'root.tar'), 'imported'])],
  ['commit', nothing, () => lab.docker(['commit', 'source', 'committed'])],
  ['build', nothing, build],
  ['push-to', nothing, receive],
  ['tag', load, () => lab.docker(['tag', `${host}/large:1`, 'other:1'])],
  ['rmi', load, () => lab.docker(['rmi', `${host}/large:1`])],
  ['rmi of one name of two', loadTwice, () => lab.docker(['rmi', 'other:1'])],
  ['prune', load, () => lab.docker(['image', 'prune', '-af'])],
  ['builder prune', build, () => lab.docker(['builder', 'prune', '-af'])],
];

test.each(commands)(
  'an agent killed at any time in a %s leaves nothing half-made and no space taken',
  async (name, prepare, run) => {
    const before = await imageRemains(lab);
    for (let round = 0; round < rounds; round += 1) {
      const afterMs = moments[(name.length + round * 2) % moments.length] ?? 0;
      await prepare();
      const outcome = run();
      await delay(afterMs); // the moment of the kill, not a wait for something
      await lab.endAgent('SIGKILL');
      await lab.startAgent();
      await outcome;
      await expectNothingHalfMade(`killed after ${afterMs} ms`, before);
    }
  },
  180_000,
);

test.each(commands)(
  'an agent killed before any change of a file in a %s leaves nothing half-made and no space taken',
  async (_name, prepare, run) => {
    const before = await imageRemains(lab);
    await prepare();
    const changes = await points.changesOf(run);
    await expectNothingHalfMade('not killed', before);
    const count = Math.min(pointsOfEach, changes.length);
    for (let nth = 0; nth < count; nth += 1) {
      const at = Math.ceil(((nth + 0.5) / count) * changes.length);
      await prepare();
      await points.crashAt(at, run);
      await expectNothingHalfMade(`killed before change ${at}, ${changes[at - 1]}`, before);
    }
  },
  1_800_000,
);

async function loadTwice(): Promise<void> {
  await load();
  await lab.docker(['tag', `${host}/large:1`, 'other:1']);
}

/** As `tsmachine image push-to` does: only the layers that are missing come. */
async function receive(): Promise<unknown> {
  const client = new EngineClient({ socketPath: lab.socket });
  try {
    const { signal } = new AbortController();
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const archive = Readable.from([await readFile(join(lab.directory, 'image.tar'))]);
    await using images = await streamSource(archive, { names: [], architecture, signal });
    return await pushImages(images, client, {
      ...{ machine: 'to', signal, reporter: silentReporter, progress() {} },
    });
  } catch (error) {
    return error; // the agent was killed
  } finally {
    client.close();
  }
}

/** Images that are there are whole; when they are removed, all is as before. */
async function expectNothingHalfMade(what: string, before: ImageRemains): Promise<void> {
  const busybox = (await lab.docker(['inspect', '-f', '{{.Id}}', 'busybox'])).stdout.trim();
  for (const id of await imageIds(lab)) {
    await expectWhole(lab, id, what);
    if (id !== busybox) await lab.docker(['rmi', '-f', id]);
  }
  await lab.docker(['builder', 'prune', '-af']);
  await expectRemains(lab, what, before);
}

function layer(name: string): Buffer {
  const files = Array.from({ length: 20 }, (_, n) =>
    tarFile({ type: 'file', name: `${name}/${n}` }, randomBytes(200_000)),
  );
  return Buffer.concat([...files, tarEnd]);
}

function archive(tag: string): Buffer {
  const layers = ['a', 'b', 'c'].map(layer);
  const config = {
    ...{ os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', config: {} },
    rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
  };
  const names = layers.map((_, n) => `${n}.tar`);
  const manifest = [{ Config: 'c.json', RepoTags: [tag], Layers: names }];
  const member = (name: string, content: Buffer) => tarFile({ type: 'file', name }, content);
  return Buffer.concat([
    ...layers.map((content, n) => member(`${n}.tar`, content)),
    member('c.json', Buffer.from(JSON.stringify(config))),
    member('manifest.json', Buffer.from(JSON.stringify(manifest))),
    tarEnd,
  ]);
}
