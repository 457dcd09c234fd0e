import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { makeDockerConfig } from '../../support/buildkit-clients.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import {
  createTestStore,
  newestDockerClient,
  type Outcome,
  type TestStore,
} from '../../support/tsmachine.js';

let store: TestStore;
let context: string;
/** With the plugins of docker's. */
let config: string;
const classic = { DOCKER_BUILDKIT: '0' };
let docker: (args: readonly string[], input?: string) => Promise<Outcome>;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'builds'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'builds']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  const client = await newestDockerClient();
  const env = { ...(await store.dockerEnv('builds')), DOCKER_BUILDKIT: '0' };
  docker = (args, input) =>
    run([client, ...args], { env, timeoutMs: 60_000, ...(input !== undefined && { input }) });
  config = await makeDockerConfig(store.path);
  context = join(store.path, 'context');
  await mkdir(context);
  await writeFile(join(context, '.dockerignore'), 'secret\n');
  await writeFile(join(context, 'secret'), 'hidden');
  await writeFile(join(context, 'shown'), 'shown');
  await writeFile(
    join(context, 'Dockerfile'),
    'FROM busybox AS base\nARG WHO=nobody\nCOPY . /files\nRUN ls /files; echo $WHO\nFROM base AS last\nRUN exit 7\n',
  );
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('the classic build prints what docker prints, sends what docker sends, and takes its exit code from the step', async () => {
  const calls = [
    ['build', '-t', 'app', '--target', 'base', '--build-arg', 'WHO=me', context],
    ['build', '-q', '--target', 'base', '--label', 'a=b', context],
    ['build', '--no-cache', context],
    ['build', join(context, 'nothing')],
  ];
  await docker(calls[0] ?? []); // what is built once is in the cache for both
  await docker(calls[1] ?? []);
  for (const call of calls) {
    const [theirs, own] = [await docker(call), await store.call(call, { env: classic })];
    expect({ call, code: own.code, stdout: anonymous(own.stdout) }).toEqual({
      ...{ call, code: theirs.code, stdout: anonymous(theirs.stdout) },
    });
    const message = theirs.stderr.split('\n').filter(Boolean).at(-1) ?? '';
    if (theirs.code !== 0) expect(own.stderr).toContain(message);
  }
});

test('docker builds with a Dockerfile that is not in the context, and so does tsmachine', async () => {
  const elsewhere = join(store.path, 'elsewhere');
  await writeFile(elsewhere, 'FROM busybox\nCOPY shown /from-elsewhere\n');
  const [theirs, own] = [
    await docker(['build', '-q', '-f', elsewhere, context]),
    await store.call(['build', '-q', '-f', elsewhere, context], { env: classic }),
  ];
  const id = (await store.expectOk(['build', '-q', '-f', elsewhere, context])).trim();

  expect(own).toEqual({ code: 0, stdout: theirs.stdout, stderr: '' });
  expect(await store.expectOk(['run', '--rm', id, 'cat', '/from-elsewhere'])).toBe('shown');
});

test('an ignored file is not in the image, which has the ID that was printed and written', async () => {
  const idFile = join(store.path, 'id');
  const call = ['build', '-q', '--target', 'base', '--iidfile', idFile, '-t', 'listed', context];
  const id = (await store.expectOk(call)).trim();

  expect(await readFile(idFile, 'utf8')).toBe(id);
  expect(await store.expectOk(['run', '--rm', 'listed', 'ls', '/files'])).toBe('Dockerfile\nshown\n');
});

test('stdin is a Dockerfile, an archive, or the Dockerfile of a directory', async () => {
  const tar = (await run(['tar', 'c', '-C', context, '.'])).stdout;
  const alone = await store.expectOk(['build', '-q', '-'], { input: 'FROM busybox\nRUN echo alone > /a\n' });
  const archive = await store.expectOk(['build', '-q', '--target', 'base', '-'], { input: tar });
  const both = await store.expectOk(['build', '-q', '-f', '-', context], {
    input: 'FROM busybox\nCOPY shown /a\n',
  });

  expect(await store.expectOk(['run', '--rm', alone.trim(), 'cat', '/a'])).toBe('alone\n');
  expect(await store.expectOk(['run', '--rm', archive.trim(), 'ls', '/files'])).toContain('shown\n');
  expect(await store.expectOk(['run', '--rm', both.trim(), 'cat', '/a'])).toBe('shown');
});

test('Ctrl-C ends the build and leaves neither container nor context', async () => {
  const dockerfile = 'FROM busybox\nRUN echo begun; sleep 600\n';
  const child = spawn(resolve('bin/tsmachine.cjs'), ['build', '-'], { env: store.env });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stdin.end(dockerfile);
  await waitUntil(async () => output.includes('begun') || undefined, {
    what: 'the step to run',
    timeoutMs: 60_000,
  });
  child.kill('SIGINT');
  const [code] = await once(child, 'close');

  expect(code).toBe(130);
  await waitUntil(async () => (await store.expectOk(['ps', '-aq'])) === '' || undefined, {
    what: 'no container to be left',
    timeoutMs: 30_000,
  });
});

test('secrets, ssh and further contexts travel with a build, and its results come back', async () => {
  const sources = join(store.path, 'more');
  await mkdir(sources);
  await writeFile(join(sources, 'token'), 'sesame');
  await writeFile(join(sources, 'extra'), 'extra\n');
  await generateKey(join(sources, 'key'));
  await writeFile(
    join(sources, 'Dockerfile'),
    `FROM busybox AS made
RUN --mount=type=secret,id=token --mount=type=secret,id=word,env=WORD [ "$(cat /run/secrets/token) $WORD" = 'sesame w' ]
RUN --mount=type=ssh [ -S "$SSH_AUTH_SOCK" ]
FROM scratch
COPY --from=more extra /out/extra
COPY --from=made /etc/passwd /out/passwd
`,
  );
  const secrets = ['--secret', `id=token,src=${join(sources, 'token')}`, '--secret', 'id=word,env=A_WORD'];
  const rest = ['--ssh', `default=${join(sources, 'key')}`, '--build-context', `more=${sources}`];
  const output = join(store.path, 'results');
  const metadata = join(store.path, 'metadata.json');
  await store.expectOk(
    [
      'build',
      ...secrets,
      ...rest,
      '-o',
      output,
      '--load',
      '-t',
      'made',
      '--metadata-file',
      metadata,
      sources,
    ],
    { env: { A_WORD: 'w' } },
  );

  expect((await readdir(output, { recursive: true })).sort()).toEqual(['out', 'out/extra', 'out/passwd']);
  const [id] = (await store.expectOk(['images', '-q', '--no-trunc', 'made'])).split('\n');
  expect(JSON.parse(await readFile(metadata, 'utf8'))).toMatchObject({ 'containerimage.digest': id });
  const refused = await store.call(['build', '--secret', 'id=a,src=/nowhere', sources]);
  expect(refused.stderr).toContain("stat '/nowhere'");
});

test('a step that fails is shown with its output and its place, and ends with its exit code', async () => {
  const failed = await store.call(['build', '--no-cache', context]);

  expect(failed).toMatchObject({ code: 7, stdout: '' });
  expect(failed.stderr).toMatch(
    /^#\d+ ERROR: process "\/bin\/sh -c exit 7" did not complete successfully: exit code: 7$/m,
  );
  expect(failed.stderr).toMatch(/^Dockerfile:6\n-+\n.*4 \|.*RUN ls.*6 \| >>> RUN exit 7$/ms);
  const both = await store.call(['build', '--memory', '1g', '--secret', 'id=a', context]);
  expect(both.stderr).toContain("--secret is BuildKit's and --memory the classic builder's");
  const none = await store.call(['build', '--secret', 'id=a', context], { env: classic });
  expect(none.stderr).toContain('--secret needs BuildKit, and DOCKER_BUILDKIT turns it off');
});

test('on a terminal the steps are redrawn in place', async () => {
  const { stdout } = await run(
    [
      'script',
      '-qec',
      `${resolve('bin/tsmachine.cjs')} build --no-cache --target base ${context}`,
      '/dev/null',
    ],
    {
      env: { ...store.env, TERM: 'xterm' },
      timeoutMs: 60_000,
    },
  );

  expect(stdout).toMatch(/\[\+\] Building \d+\.\ds \(\d+\/\d+\)\r\n/);
  const last = stdout.split('\x1b[J').at(-1) ?? ''; // behind the last time that the steps were erased
  expect(last).toMatch(/^\[\+\] Building \d+\.\ds \((\d+)\/\1\) FINISHED\r\n/);
  expect(last).toMatch(/ => \[base 3\/3\] RUN ls \/files; echo \$WHO +\d+\.\ds/);
});

test('what docker buildx asks of a Dockerfile is answered in its words, and a check that finds something fails', async () => {
  const sources = join(store.path, 'asked');
  await mkdir(sources);
  await writeFile(
    join(sources, 'Dockerfile'),
    `ARG GLOBAL=1
FROM busybox AS base
# app is what runs
FROM base AS app
# WHO is greeted
ARG WHO=you
RUN --mount=type=secret,id=token,required --mount=type=cache,target=/c --mount=type=ssh true
FROM scratch AS last
`,
  );
  const env = { ...(await store.dockerEnv('builds')), DOCKER_CONFIG: config, BUILDX_EXPERIMENTAL: '1' };
  const buildx = async (...args: readonly string[]) =>
    (
      await run([await newestDockerClient(), 'buildx', 'build', '--progress=quiet', ...args, sources], {
        env,
      })
    ).stdout;

  for (const call of ['outline', 'outline,format=json', 'targets', 'targets,format=json']) {
    const own = await store.expectOk(['build', `--call=${call}`, '--target', 'app', sources]);
    const theirs = await buildx(`--print=${call}`, '--target', 'app');
    expect([call, own]).toEqual([call, theirs.replace(/^\n/, '')]); // old ones begin with an empty line
  }
  expect(await store.call(['build', '--check', sources])).toMatchObject({
    ...{ code: 0, stdout: 'Check complete, no warnings found.\n' },
  });
  await writeFile(join(sources, 'Dockerfile'), 'FROM busybox AS One\nRUN true\n');
  expect(await store.call(['build', '--check', sources])).toMatchObject({
    code: 1,
    stdout: `Check complete, 1 warning has been found!

WARNING: StageNameCasing - https://docs.docker.com/go/dockerfile/rule/stage-name-casing/
Stage name 'One' should be lowercase
Dockerfile:1
--------------------
   1 | >>> FROM busybox AS One
   2 |     RUN true
   3 |     
--------------------
`,
  });
  const json = await store.call(['build', '--call=lint,format=json,ignorestatus=true', sources]);
  expect(json.code).toBe(0);
  expect(JSON.parse(json.stdout)).toMatchObject({ warnings: [{ ruleName: 'StageNameCasing' }] });
  const wrong = await store.call(['build', '--call=weather', sources]);
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('the request "frontend.weather"') });
});

test('a cache is a directory of this computer, and docker buildx reads it', async () => {
  const cache = join(store.path, 'cache');
  const input = 'FROM busybox\nRUN date +%N > /now\n';
  const build = async (...args: readonly string[]) => {
    const { code, stderr } = await store.call(['build', '--progress=plain', ...args, '-'], { input });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stderr;
  };
  await build('--cache-to', `type=local,dest=${cache},mode=max`);
  await store.expectOk(['builder', 'prune', '-a', '-f']);
  expect(await build('--cache-from', `type=local,src=${cache}`)).toMatch(/^#\d+ CACHED$/m);
  await store.expectOk(['builder', 'prune', '-a', '-f']);
  const env = { ...(await store.dockerEnv('builds')), DOCKER_CONFIG: config };
  const call = ['buildx', 'build', '--progress=plain', '--cache-from', `type=local,src=${cache}`, '-'];
  const theirs = await run([await newestDockerClient(), ...call], { env, input });
  expect(theirs.stderr).toMatch(/^#\d+ CACHED$/m);

  expect(await build('--cache-from', 'type=local,src=/nowhere')).toContain('there is no cache in /nowhere');
  expect((await readdir(join(cache, 'ingest'))).length).toBe(0);
});

test('builder prune empties the cache', async () => {
  await store.expectOk(['build', '-q', '-'], { input: 'FROM busybox\nRUN echo 1 > /a\n' });
  expect(await store.expectOk(['builder', 'prune', '-a', '-f'])).toMatch(
    /^Deleted build cache objects:\n(.+\n)+\nTotal reclaimed space: /,
  );
});

async function generateKey(path: string): Promise<void> {
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path], { timeoutMs: 30_000 });
}

/** Without the IDs of containers and of steps that were run again, which no two runs share. */
function anonymous(output: string): string {
  return output.replace(/(Running in|intermediate container|--->) [0-9a-f]{12}/g, '$1 ID');
}
