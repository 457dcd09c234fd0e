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

describe('build checks', () => {
  const files = {
    Dockerfile: '# syntax=docker/dockerfile:1\nFROM busybox AS One\nENV A=$NOWHERE\nCMD echo\n',
  };

  test('are told when a build is over, also when it has failed', async () => {
    const built = await lab.build(files);
    const failed = await lab.failure({ Dockerfile: 'FROM busybox\nWORKDIR here\nRUN false\n' });

    expect(built).toMatch(/3 warnings? found/);
    expect(built).toContain("StageNameCasing: Stage name 'One' should be lowercase (line 2)");
    expect(built).toContain("UndefinedVar: Usage of undefined variable '$NOWHERE' (line 3)");
    expect(built).toContain('JSONArgsRecommended: JSON arguments recommended for CMD');
    expect(failed).toContain('WorkdirRelativePath: Relative workdir "here"');
  });

  test('are left out and fail a build as the Dockerfile says', async () => {
    const { Dockerfile } = files;
    const skipped = await lab.build({ Dockerfile: `# check=skip=all\n${Dockerfile}` });
    const failed = await lab.failure({ Dockerfile: `# check=error=true;skip=UndefinedVar\n${Dockerfile}` });
    const argument = ['--build-arg', 'BUILDKIT_DOCKERFILE_CHECK=error=true'];
    const byArgument = await lab.failure(files, argument);

    expect(skipped).not.toContain('StageNameCasing');
    expect(failed).toContain('lint violation found for rules: JSONArgsRecommended, StageNameCasing');
    expect(byArgument).toContain('lint violation found for rules: JSONArgsRecommended, StageNameCasing');
  });
});

describe('questions to the front end', () => {
  const files = {
    Dockerfile: `
      ARG GLOBAL=1
      FROM busybox AS base
      # app is what runs
      FROM base AS app
      # WHO is greeted
      ARG WHO=you
      RUN --mount=type=secret,id=token,required --mount=type=cache,target=/c --mount=type=ssh true
      FROM scratch`,
  };
  const env = { BUILDX_EXPERIMENTAL: '1' };
  const ask = async (...args: string[]) =>
    await lab.ok(['buildx', 'build', '--progress=quiet', ...args, await lab.context(files)], { env });

  test('which arguments, secrets and caches a target takes', async () => {
    const outline = JSON.parse(await ask('--print=outline,format=json', '--target', 'app'));

    expect(outline).toMatchObject({
      ...{ name: 'app', description: 'is what runs' },
      args: [
        { name: 'GLOBAL', value: '1' },
        { name: 'WHO', value: 'you', description: 'is greeted' },
      ],
      secrets: [{ name: 'token', required: true }],
      ...{ ssh: [{ name: 'default' }], cache: [{ ID: '/c' }] },
    });
    expect(await ask('--print=outline', '--target', 'app')).toMatch(/WHO +you +is greeted/);
  });

  test('which targets there are', async () => {
    const { targets } = JSON.parse(await ask('--print=targets,format=json'));

    expect(targets).toMatchObject([
      { name: 'base', base: 'busybox' },
      { name: 'app', description: 'is what runs' },
      { default: true, base: 'scratch' },
    ]);
    expect(await ask('--print=targets')).toMatch(/app +is what runs/);
  });

  test('what there is to be said of it, and what can be asked', async () => {
    const lint = await lab.ok(
      [
        'buildx',
        'build',
        '--progress=quiet',
        '--print=lint',
        await lab.context({ Dockerfile: 'FROM busybox AS A\n' }),
      ],
      { env },
    );

    expect(lint).toContain("Stage name 'A' should be lowercase");
    expect(await ask('--print=subrequests.describe')).toContain('outline');
    const unknown = await lab.docker(['buildx', 'build', '--print=weather', await lab.context(files)], {
      env,
    });
    expect(unknown).toMatchObject({
      code: 1,
      all: expect.stringContaining('the request "frontend.weather"'),
    });
  });
});
