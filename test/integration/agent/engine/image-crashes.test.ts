import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { digestOf } from '../../../../src/shared/digest.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

/** More of them by the environment. The moments of the kills are the same in every run. */
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 2);
const moments = [3, 10, 25, 60, 120, 250];

let lab: AgentLab;
let registry: AsyncDisposable;
const host = '127.0.0.1:5000';

beforeAll(async () => {
  lab = await AgentLab.start();
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
  const unmounted = async () => ((await left()).mounts.length === 0 ? true : undefined);
  await waitUntil(unmounted, { what: 'the end of the container', timeoutMs: 30_000, intervalMs: 50 });
}, 120_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

const load = () => lab.docker(['load', '-i', join(lab.directory, 'image.tar')]);
const nothing = async (): Promise<unknown> => undefined;

test.each([
  ['load', nothing, load],
  ['pull', nothing, () => lab.docker(['pull', `${host}/large:1`])],
  ['import', nothing, () => lab.docker(['import', join(lab.directory, 'root.tar'), 'imported'])],
  ['commit', nothing, () => lab.docker(['commit', 'source', 'committed'])],
  [
    'build',
    nothing,
    () =>
      lab.docker(['build', '--no-cache', '-t', 'built', '-'], {
        input: 'FROM busybox\nRUN head -c 3000000 /dev/urandom >/a\nRUN head -c 3000000 /dev/urandom >/b\n',
      }),
  ],
  ['rmi', load, () => lab.docker(['rmi', `${host}/large:1`])],
  ['prune', load, () => lab.docker(['image', 'prune', '-af'])],
] as const)(
  'an agent killed in a %s leaves nothing half-made and no space taken',
  async (name, prepare, run) => {
    const before = await left();
    for (let round = 0; round < rounds; round += 1) {
      const afterMs = moments[(name.length + round * 2) % moments.length] ?? 0;
      await prepare();
      const outcome = run();
      await delay(afterMs); // the moment of the kill, not a wait for something
      await lab.endAgent('SIGKILL');
      await lab.startAgent();
      await outcome;
      const what = `killed after ${afterMs} ms`;
      for (const id of await images())
        expect({ what, id, status: await saved(id) }).toEqual({ what, id, status: 200 });
      for (const id of await images()) if (id !== (await busybox())) await lab.docker(['rmi', '-f', id]);
      await lab.docker(['builder', 'prune', '-af']);
      await expectLeft(what, before);
    }
  },
  180_000,
);

/** What was running when the agent was killed may end a little later. */
async function expectLeft(what: string, before: Left): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const now = await left();
    if (isDeepStrictEqual(now, before)) return;
    if (Date.now() > end) {
      expect({ what, ...now }).toEqual({ what, ...before });
      return;
    }
    await delay(100);
  }
}

async function images(): Promise<readonly string[]> {
  const { stdout } = await lab.docker(['images', '-aq', '--no-trunc']);
  return [...new Set(stdout.split('\n').filter(Boolean))];
}

async function busybox(): Promise<string> {
  return (await lab.docker(['inspect', '-f', '{{.Id}}', 'busybox'])).stdout.trim();
}

/** Every file of its layers is read, and their digests are verified. */
async function saved(id: string): Promise<number> {
  return (await lab.request('GET', `/images/${id}/get`)).status;
}

interface Left {
  readonly files: readonly string[];
  readonly mounts: readonly string[];
}

/** Files of the image store, of which there must be the same as before, and mounts. */
async function left(): Promise<Left> {
  const data = join(lab.directory, 'data');
  const skipped = ['registry-blobs', 'network', 'build/cache'].flatMap((each) => [
    ...['-path', join(data, each), '-prune', '-o'],
  ]);
  const files = await lab.inside('find', data, ...skipped, '-type', 'f', '-print');
  const mounts = (await lab.mounts()).filter((each) => each.startsWith(lab.directory));
  return { files: files.split('\n').sort(), mounts };
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
