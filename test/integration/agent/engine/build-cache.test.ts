import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildLab } from './support/build-lab.js';

let lab: BuildLab;
const registry = '127.0.0.1:5000';

beforeAll(async () => {
  lab = await BuildLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

const files = {
  Dockerfile: `
    FROM busybox AS tool
    RUN date && cat /proc/sys/kernel/random/uuid > /tool
    FROM busybox
    ENV A=b
    RUN date +%s%N > /date
    COPY --from=tool /tool /tool
    COPY text /
    WORKDIR /w`,
  text: 'copied',
};

/** The instructions that were taken from the cache. */
function cached(progress: string): string[] {
  const names = new Map(
    [...progress.matchAll(/^(#\d+) \[.*?\] (\S+ \S+).*$/gm)].map(([, step = '', name = '']) => [step, name]),
  );
  return [...progress.matchAll(/^(#\d+) CACHED$/gm)].map(([, step = '']) => names.get(step) ?? '').sort();
}

const all = ['COPY --from=tool', 'COPY text', 'RUN date', 'RUN date', 'WORKDIR /w'];

async function serveRegistry(): Promise<AsyncDisposable> {
  const directory = await lab.context({
    'config.yml': [
      ...['version: 0.1', 'log: {level: error}', `http: {addr: "${registry}"}`],
      `storage: {filesystem: {rootdirectory: ${lab.path('registry')}}}`,
    ].join('\n'),
  });
  return await lab.lab.serving(
    ['docker-registry', 'serve', join(directory, 'config.yml')],
    ['curl', '-s', `http://${registry}/v2/`],
  );
}

test.each([
  ['min', ['COPY --from=tool', 'COPY text', 'WORKDIR /w']],
  ['max', []],
])('a cache in a directory of mode %s has its steps elsewhere, too', async (mode) => {
  const context = await lab.context(files);
  const directory = lab.path('cache');
  const exported = await lab.build(context, ['--cache-to', `type=local,dest=${directory},mode=${mode}`]);
  await lab.forget();

  const again = await lab.build(context, ['--cache-from', `type=local,src=${directory}`]);

  expect(exported).toContain('exporting cache to client directory');
  expect(again).toContain(`importing cache manifest from local:${directory}`);
  // The tool is made anew where the cache is that of the result only: what is copied from it has changed.
  expect(cached(again)).toEqual(mode === 'max' ? all : ['RUN date']);
});

test('a cache in a directory is an OCI layout with a manifest of a build cache', async () => {
  const directory = lab.path('cache');
  await lab.build(files, ['--cache-to', `type=local,dest=${directory}`]);
  const read = async (digest: string) =>
    JSON.parse(await readFile(join(directory, 'blobs', digest.replace(':', '/')), 'utf8'));

  const [entry] = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')).manifests;
  const manifest = await read(entry.digest);
  const config = await read(manifest.config.digest);

  expect(manifest.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
  expect(manifest.config.mediaType).toBe('application/vnd.buildkit.cacheconfig.v0');
  expect(config.layers[0]).toMatchObject({
    parent: -1,
    annotations: { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
  });
  const blobs = await readdir(join(directory, 'blobs', 'sha256'));
  expect(blobs.sort()).toEqual(
    [entry.digest, manifest.config.digest, ...manifest.layers.map(({ digest }: { digest: string }) => digest)]
      .map((digest) => digest.slice('sha256:'.length))
      .sort(),
  );
  expect(await readdir(join(directory, 'ingest'))).toEqual([]);
});

test('only what has changed is made anew upon a cache from elsewhere', async () => {
  const context = await lab.context(files);
  const directory = lab.path('cache');
  await lab.build(context, ['--cache-to', `type=local,dest=${directory},mode=max`]);
  await lab.forget();
  await writeFile(join(context, 'text'), 'changed');

  const again = await lab.build(context, ['--cache-from', `type=local,src=${directory}`, '-t', 'changed']);
  const uncached = await lab.build(context, ['--no-cache', '--cache-from', `type=local,src=${directory}`]);

  expect(cached(again)).toEqual(['COPY --from=tool', 'RUN date', 'RUN date']);
  expect(cached(uncached)).toEqual([]);
  expect(await lab.ok(['run', '--rm', 'changed', 'cat', '/text'])).toBe('changed');
});

test.each([
  ['an image', ''],
  ['an index', ',image-manifest=false'],
])('a cache in a registry as %s', async (_, more) => {
  await using _registry = await serveRegistry();
  const context = await lab.context(files);
  const ref = `${registry}/app/cache:1`;
  const exported = await lab.build(context, ['--cache-to', `type=registry,ref=${ref},mode=max${more}`]);
  await lab.forget();

  const again = await lab.build(context, ['--cache-from', `type=registry,ref=${ref}`]);

  expect(exported).toContain('exporting cache to registry');
  expect(cached(again)).toEqual(all);
});

test('a cache that is not there does not stop a build, and one that cannot be written only if it matters', async () => {
  const nowhere = '127.0.0.1:1/x';
  const missing = await lab.build(files, ['--cache-from', `type=registry,ref=${nowhere}`]);
  const failed = await lab.failure(files, ['--cache-to', `type=registry,ref=${nowhere}`]);
  const ignored = await lab.build(files, ['--cache-to', `type=registry,ref=${nowhere},ignore-error=true`]);

  expect(missing).toMatch(/importing cache manifest from 127\.0\.0\.1:1\/x:latest\n#\d+ ERROR/);
  expect(failed).toContain('dial tcp 127.0.0.1:1: connect: connection refused');
  expect(ignored).toContain('exporting cache to registry');
});
