import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import {
  createTestStore,
  newestDockerClient,
  type Outcome,
  type TestStore,
} from '../../support/tsmachine.js';

let store: TestStore;
let context: string;
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

test('build prints what docker prints, sends what docker sends, and takes its exit code from the step', async () => {
  const calls = [
    ['build', '-t', 'app', '--target', 'base', '--build-arg', 'WHO=me', context],
    ['build', '-q', '--target', 'base', '--label', 'a=b', context],
    ['build', '--no-cache', context],
    ['build', join(context, 'nothing')],
  ];
  await docker(calls[0] ?? []); // what is built once is in the cache for both
  await docker(calls[1] ?? []);
  for (const call of calls) {
    const [theirs, own] = [await docker(call), await store.call(call)];
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
    await store.call(['build', '-q', '-f', elsewhere, context]),
  ];

  expect(own).toEqual({ code: 0, stdout: theirs.stdout, stderr: '' });
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
  child.stdout.on('data', (chunk) => {
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

test('builder prune empties the cache', async () => {
  await store.expectOk(['build', '-q', '-'], { input: 'FROM busybox\nRUN echo 1 > /a\n' });
  expect(await store.expectOk(['builder', 'prune', '-a', '-f'])).toMatch(
    /^Deleted build cache objects:\n(.+\n)+\nTotal reclaimed space: /,
  );
});

/** Without the IDs of containers and of steps that were run again, which no two runs share. */
function anonymous(output: string): string {
  return output.replace(/(Running in|intermediate container|--->) [0-9a-f]{12}/g, '$1 ID');
}
