import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FileMachineStore } from '../../../src/machine/store/file-machine-store.js';
import { run, runOrThrow } from '../../../src/shared/spawn.js';

let directory: string;
let program: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsmachine-store-'));
  program = join(directory, 'begin.mjs');
  const entry = join(import.meta.dirname, 'begin-machine.ts');
  const esbuild = resolve('node_modules/.bin/esbuild');
  const require =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await runOrThrow([
    esbuild,
    entry,
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--log-level=error',
    `--banner:js=${require}`,
    `--outfile=${program}`,
  ]);
});
afterAll(() => rm(directory, { recursive: true }));

test('forty processes that create at the same time in an empty store share one authority and one identity', async () => {
  const storage = join(directory, 'empty');
  const names = Array.from({ length: 40 }, (_, index) => `m${index}`);

  const outcomes = await Promise.all(names.map((name) => run([process.execPath, program, storage, name])));

  expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
  const store = new FileMachineStore(storage);
  const tags = new Set<string>();
  for (const name of names) {
    const { ownerTag } = await store.load(name);
    tags.add(ownerTag.split('-').slice(0, 2).join('-'));
    const read = (file: string) => readFile(join(store.directory(name), file), 'utf8');
    const authority = new X509Certificate(await readFile(join(storage, 'certs/ca.pem'), 'utf8'));
    expect(await read('ca.pem')).toBe(await readFile(join(storage, 'certs/ca.pem'), 'utf8'));
    for (const file of ['cert.pem', 'server.pem']) {
      expect(new X509Certificate(await read(file)).verify(authority.publicKey)).toBe(true);
    }
  }
  expect(tags.size).toBe(1);
  expect(await readdir(join(storage, 'locks'))).toEqual([]);
  expect((await readdir(storage)).sort()).toEqual(['certs', 'locks', 'machines', 'store-id']);
}, 60_000);
