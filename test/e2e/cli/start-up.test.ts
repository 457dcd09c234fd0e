import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { loadedBy } from '../../support/loaded-modules.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// How long a start takes depends on the machine and on what else it does; what a start loads does not.
let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store[Symbol.asyncDispose]());

test.each([['env --unset --shell sh'], ['ls -q'], ['--version'], ['__complete machines']])(
  '"%s" is answered by the launcher and one file',
  async (line) => {
    const { files, outcome } = await loadedBy(store, line.split(' '));

    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(files.map((file) => relative('.', file))).toEqual(['bin/tsmachine.cjs', 'dist/cli/fast-path.cjs']);
  },
);

const commands = ['ls', 'status web', 'inspect web', 'ps', 'images', 'run --rm alpine true', 'exec web true'];

test.each(commands)('"%s" loads few files, and little of Node', async (line) => {
  const { files, builtins, read } = await loadedBy(store, line.split(' '));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));

  expect(files.length).toBeGreaterThan(4);
  expect(files.length).toBeLessThanOrEqual(20);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(700_000);
  // What Node loads when all of node:http and node:fs is imported; and what only some commands need.
  const unwanted = ['internal/deps/undici/undici', 'internal/fs/streams', 'child_process'];
  expect(builtins.filter((name) => unwanted.includes(name))).toEqual([]);
  expect(read.filter((path) => /oclif\.manifest\.json$|node_modules/.test(path))).toEqual([]);
});

test('completion asks an engine without oclif', async () => {
  const { files, builtins } = await loadedBy(store, ['__complete', 'containers']);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));

  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  expect(builtins).not.toContain('internal/deps/undici/undici');
});

test.each([['ls'], ['inspect web']])('"%s" loads no network client', async (line) => {
  const { builtins } = await loadedBy(store, line.split(' '));

  expect(builtins.filter((name) => ['http', 'https', 'tls'].includes(name))).toEqual([]);
});

test('from the second start on, nothing is compiled again', async () => {
  const env = { XDG_CACHE_HOME: store.path, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  await store.call(['ls'], { env });
  const { stdout, stderr } = await store.call(['ls'], { env });

  const accepted = [...`${stdout}${stderr}`.matchAll(/V8 code cache for \w+ (\S+) was accepted/g)];
  const { files } = await loadedBy(store, ['ls']);
  const compiled = accepted.map(([, file]) => String(file).replace('file://', ''));
  const launcher = /tsmachine\.cjs$|fast-path\.cjs$|main\.cjs$|recorder\.cjs$/;
  expect(compiled.sort()).toEqual(files.filter((file) => !launcher.test(file)).sort());
});
