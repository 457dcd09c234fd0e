import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBoundingSet } from '../../../../src/agent/kernel/capabilities.js';
import { resolveInRoot } from '../../../../src/agent/kernel/rooted-path.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'root-'));
  await mkdir(join(root, 'a/b'), { recursive: true });
  await symlink('/etc', join(root, 'absolute'));
  await symlink('../../../../etc', join(root, 'a/b/up'));
  await symlink('loop', join(root, 'loop'));
});
afterAll(() => rm(root, { recursive: true }));

test.each([
  ['/', ''],
  ['/a/./b/../b', 'a/b'],
  ['../../etc/passwd', 'etc/passwd'],
  ['/absolute/passwd', 'etc/passwd'],
  ['/a/b/up/passwd', 'etc/passwd'],
  ['/not/there/../x', 'not/x'],
])('resolveInRoot() keeps "%s" inside', async (path, expected) => {
  expect(await resolveInRoot(root, path)).toBe(join(root, expected));
});

test('resolveInRoot() refuses a loop', async () => {
  await expect(resolveInRoot(root, '/loop/x')).rejects.toMatchObject({ code: 'ELOOP' });
});

test('parseBoundingSet() names the bits', () => {
  const set = parseBoundingSet('CapEff:\t0000000000000000\nCapBnd:\t0000000000200001\n');
  expect([...set]).toEqual(['CAP_CHOWN', 'CAP_SYS_ADMIN']);
});
