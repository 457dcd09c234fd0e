import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson, writeFileAtomically, writeJsonAtomically } from '../../../src/shared/atomic-file.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atomic-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('writeFileAtomically() gives the file exactly the asked mode, whatever the umask', async () => {
  const before = process.umask(0o077);

  await writeFileAtomically(join(directory, 'a'), 'x', 0o644).finally(() => process.umask(before));

  expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o644);
});

test('writeFileAtomically() leaves no temporary file when the rename fails', async () => {
  const target = join(directory, 'missing', 'a');

  await expect(writeFileAtomically(target, 'x')).rejects.toThrow('ENOENT');

  expect(await readdir(directory)).toEqual([]);
});

test('readJson() answers undefined for a missing file', async () => {
  expect(await readJson(join(directory, 'none'))).toBeUndefined();
});

test('readJson() gives back what writeJsonAtomically() wrote', async () => {
  await writeJsonAtomically(join(directory, 'r.json'), { a: [1, 'ü'] });

  expect(await readJson(join(directory, 'r.json'))).toEqual({ a: [1, 'ü'] });
});

test('readJson() names the damaged file', async () => {
  await writeFile(join(directory, 'r.json'), '{"a": ');

  await expect(readJson(join(directory, 'r.json'))).rejects.toMatchObject({
    code: 'FILE_NOT_JSON',
    message: expect.stringContaining('r.json'),
  });
});
