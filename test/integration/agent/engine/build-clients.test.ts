import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { BuildLab } from './support/build-lab.js';

let lab: BuildLab;

beforeAll(async () => {
  lab = await BuildLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

test('an OCI layout of the client stands for an image', async () => {
  const archive = lab.path('archive');
  const layout = lab.path('layout');
  await mkdir(layout);
  await lab.build({ Dockerfile: 'FROM busybox\nRUN date +%s%N > /made\nENV FROM_LAYOUT=yes\n' }, [
    ...['-t', 'layout.example/x:1', '--output', `type=oci,dest=${archive}`],
  ]);
  execFileSync('tar', ['-C', layout, '-xf', archive]);
  await lab.forget();

  const out = await lab.build(
    {
      Dockerfile: `FROM below
        COPY --from=below /made /copied
        RUN --mount=from=below,target=/m cmp /m/made /copied && [ $FROM_LAYOUT = yes ]`,
    },
    ['--build-context', `below=oci-layout://${layout}:1`],
  );

  expect(out).toContain('[context below] OCI load from client');
});

test('a context may be compressed with bzip2', async () => {
  const directory = await lab.context({ Dockerfile: 'FROM busybox\nCOPY a /\nCMD cat /a\n', a: 'small\n' });
  const input = execFileSync('tar', ['-C', directory, '-cj', '.']);

  await lab.ok(['build', '-t', 'small', '-'], { input });

  expect(await lab.ok(['run', '--rm', 'small'])).toBe('small\n');
});

describe('the build cache', () => {
  const command = (name: string) => `RUN head -c 2000000 /dev/zero > /${name}`;
  const zeros = (name: string) => ({ Dockerfile: `FROM busybox\n${command(name)}\n` });

  test('is shown by filters', async () => {
    await lab.forget();
    await lab.build(zeros('shown'));

    const shown = await lab.ok(['buildx', 'du', '--verbose', '--filter', `description=${command('shown')}`]);
    const other = await lab.ok(['buildx', 'du', '--verbose', '--filter', 'description=other']);
    const refused = await lab.docker(['buildx', 'du', '--filter', 'colour=red']);

    expect(shown).toContain(command('shown'));
    expect(other).not.toContain('RUN head');
    expect(refused).toMatchObject({ code: 1, all: expect.stringContaining('invalid filter') });
  });

  test('is pruned by filters, and down to a size', async () => {
    await lab.forget();
    await lab.build(zeros('older'));
    await lab.build(zeros('newer'));
    const pruned = ['builder', 'prune', '--all', '--force'];
    const left = async () => (await lab.ok(['buildx', 'du', '--verbose'])).match(/\/(?:older|newer)\b/g);

    const nothing = await lab.ok([...pruned, '--filter', 'description=nothing']);
    expect(nothing).toMatch(/Total:\s+0B/);
    await lab.ok([...pruned, '--keep-storage', '3MB']);
    expect(await left()).toEqual(['/newer']);
    await lab.ok([...pruned, '--filter', `description=${command('newer')}`]);
    expect(await left()).toBeNull();
  });
});

test('buildx makes nothing of its own by its bake files, targets and groups', async () => {
  const directory = await lab.context({
    'docker-bake.hcl': `
      variable "TAG" { default = "latest" }
      group "default" { targets = ["app", "tool"] }
      target "base" { dockerfile-inline = "FROM busybox\\nRUN echo base > /base" }
      target "app" {
        contexts = { below = "target:base" }
        dockerfile-inline = "FROM below\\nARG WHO\\nRUN echo $WHO >> /base\\nCMD cat /base"
        args = { WHO = "you" }
        labels = { "a" = "b" }
        tags = ["app:\${TAG}"]
        no-cache-filter = ["none"]
      }
      target "tool" {
        inherits = ["app"]
        args = { WHO = "tool" }
        tags = ["tool:\${TAG}"]
        output = ["type=docker"]
      }`,
  });
  const metadata = lab.path('metadata');

  await lab.ok(
    ['buildx', 'bake', '--progress=plain', '--metadata-file', metadata, '-f', `${directory}/docker-bake.hcl`],
    { env: { TAG: '2' } },
  );

  expect(await lab.ok(['run', '--rm', 'app:2'])).toBe('base\nyou\n');
  expect(await lab.ok(['run', '--rm', 'tool:2'])).toBe('base\ntool\n');
  expect(JSON.parse(await readFile(metadata, 'utf8'))).toMatchObject({
    app: {
      'containerimage.digest': expect.stringMatching(/^sha256:/),
      'image.name': 'docker.io/library/app:2',
    },
  });
});
