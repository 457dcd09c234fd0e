import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { dockerArchive, layeredImage, layerWith } from '../../../support/layered-image.js';
import { buildTinyImage } from '../../../support/tiny-image.js';
import { AgentLab } from './support/agent-lab.js';
import { DockerEngine } from './support/docker-engine.js';

// Debian's Docker Engine and ours are given the same images and containers: they are to count the same.
let lab: AgentLab;
let theirs: DockerEngine;

const base = layerWith('base', randomBytes(1_000_000));
const images = {
  'app:1': layeredImage(base, layerWith('one', randomBytes(200_000))),
  'app:2': layeredImage(base, layerWith('two', randomBytes(300_000))),
  'app:3': layeredImage(base, layerWith('three', randomBytes(400_000))),
};

beforeAll(async () => {
  lab = await AgentLab.start();
  theirs = new DockerEngine(lab);
  await theirs.start();
  await theirs.docker('load', '-i', await buildTinyImage(lab.directory));
}, 120_000);
afterAll(async () => {
  await theirs[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

async function ours(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Done to both; answers what each of them said. */
async function both(...args: readonly string[]): Promise<readonly [string, string]> {
  return [await ours(...args), await theirs.docker(...args)];
}

async function expectSame(...args: readonly string[]): Promise<string> {
  const [own, other] = await both(...args);
  expect(own.split('\n').sort()).toEqual(other.split('\n').sort());
  return own;
}

/** Without the row of the build cache, and what a container has beside its files. */
const df = ['system', 'df', '--format', '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'];

async function loadAll(): Promise<void> {
  for (const [tag, image] of Object.entries(images)) {
    const path = join(lab.directory, 'app.tar');
    await writeFile(path, dockerArchive(image, [tag]));
    await both('load', '-i', path);
  }
}

/** An engine counts a container as stopped a little after it has ended. */
async function ended(name: string): Promise<void> {
  for (const run of [ours, theirs.docker.bind(theirs)]) {
    const exited = async () =>
      (await run('inspect', '-f', '{{.State.Status}}', name)) === 'exited' ? true : undefined;
    await waitUntil(exited, { what: `the end of ${name}`, timeoutMs: 60_000, intervalMs: 50 });
  }
}

test('images that share layers, one in use, one without a name', async () => {
  await loadAll();
  await both('run', '-d', '--name', 'user', 'busybox', 'sh', '-c', 'head -c 500000 /dev/zero >/written');
  await ended('user');
  await both('tag', 'app:2', 'app:1'); // what was app:1 has no name any more

  const sizes = await expectSame(...df);
  expect(sizes).toMatch(/^Images 4 1 /m);
  await expectSame(
    'system',
    'df',
    '-v',
    '--format',
    '{{range .Images}}{{.Repository}}:{{.Tag}} {{.Size}} {{.SharedSize}} {{.UniqueSize}} {{.Containers}}\n{{end}}',
  );
  await expectSame('images', '-a', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}} {{.Size}}');
  await expectSame('ps', '-as', '--format', '{{.Names}} {{.Size}}');
});

test('prunes by filters remove the same, and say that the same was freed', async () => {
  await expectSame('image', 'prune', '-af', '--filter', 'label=none');
  await expectSame('image', 'prune', '-f', '--filter', 'until=1999-01-01T00:00:00');
  for (const until of ['24h', '1h30m', '1000000000', '2001-02-03', '2001-02-03T04:05:06Z']) {
    await expectSame('image', 'prune', '-f', '--filter', `until=${until}`);
    await both('container', 'prune', '-f', '--filter', `until=${until}`);
    await both('network', 'prune', '-f', '--filter', `until=${until}`);
  }
  await expectSame('image', 'prune', '-f');
  await loadAll();
  await both('rmi', 'app:1');
  await expectSame('image', 'prune', '-af', '--filter', 'label!=none');
  await expectSame(...df);
});

test('refuses the same filters', async () => {
  const refused = [
    ['image', 'prune', '-f', '--filter', 'colour=red'],
    ['image', 'prune', '-f', '--filter', 'until=1h', '--filter', 'until=2h'],
    ['container', 'prune', '-f', '--filter', 'until=1h', '--filter', 'until=2h'],
  ];
  for (const args of refused) {
    // Older engines write one of them with a capital letter.
    const said = (text: string) => /Error response from daemon: .*/.exec(text)?.[0].toLowerCase();
    const own = (await lab.docker(args)).stderr;
    const other = await theirs.docker(...args).then(
      () => '',
      (error: Error) => error.message,
    );
    expect({ args, said: said(own) }).toEqual({ args, said: said(other) });
  }
});

test('what was committed from a container without a name for the image is hidden, and pruned with its child', async () => {
  const [own, other] = await both('commit', 'user');
  await ours('run', '--name', 'child', own, 'touch', '/x');
  await theirs.docker('run', '--name', 'child', other, 'touch', '/x');
  await both('commit', 'child', 'child:1');
  await both('rm', 'child');

  const names = ['--format', '{{.Repository}}:{{.Tag}} {{.Size}}'];
  expect(await expectSame('images', ...names)).not.toContain('<none>');
  expect(await expectSame('images', '-a', ...names)).toContain('<none>');
  await expectSame('images', ...names, '--filter', 'dangling=true');
  const removed = await both('rmi', 'child:1');
  expect(removed[0].split('\n')).toHaveLength(removed[1].split('\n').length);
  await expectSame('images', '-a', ...names);
  await expectSame('container', 'prune', '-f', '--filter', 'label=none');
  const freed = (text: string): string | undefined => /Total reclaimed space: .*/.exec(text)?.[0];
  const [ownPrune, theirPrune] = await both('system', 'prune', '-af');
  expect(freed(ownPrune)).toBe(freed(theirPrune));
  await expectSame(...df);
});
