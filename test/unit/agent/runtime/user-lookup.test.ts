import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookupGroups, lookupUser } from '../../../../src/agent/runtime/user-lookup.js';

let rootfs: string;
beforeAll(async () => {
  rootfs = await mkdtemp(join(tmpdir(), 'users-'));
  await mkdir(join(rootfs, 'usr/etc'), { recursive: true });
  await mkdir(join(rootfs, 'etc'));
  await symlink('/usr/etc/passwd', join(rootfs, 'etc/passwd')); // absolute, but inside the root
  await writeFile(
    join(rootfs, 'usr/etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\n# comment\n\nwww:x:33:34::/var/www:/bin/false\n',
  );
  await writeFile(join(rootfs, 'etc/group'), 'root:x:0:\nwww:x:34:\nextra:x:50:root,www\nmore:x:51:www\n');
});
afterAll(() => rm(rootfs, { recursive: true }));

describe('lookupUser()', () => {
  test.each([
    ['', { uid: 0, gid: 0, supplementaryGids: [50], home: '/root' }],
    ['root', { uid: 0, gid: 0, supplementaryGids: [50], home: '/root' }],
    ['www', { uid: 33, gid: 34, supplementaryGids: [50, 51], home: '/var/www' }],
    ['33', { uid: 33, gid: 34, supplementaryGids: [50, 51], home: '/var/www' }],
    ['www:extra', { uid: 33, gid: 50, supplementaryGids: [], home: '/var/www' }],
    ['www:7', { uid: 33, gid: 7, supplementaryGids: [], home: '/var/www' }],
    ['1000', { uid: 1000, gid: 0, supplementaryGids: [], home: '/' }],
    ['1000:100', { uid: 1000, gid: 100, supplementaryGids: [], home: '/' }],
  ])('resolves "%s"', async (user, expected) => {
    expect(await lookupUser(rootfs, user)).toEqual(expected);
  });

  test('refuses unknown names and numbers out of range in Docker’s words', async () => {
    await expect(lookupUser(rootfs, 'ghost')).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
      message: 'unable to find user ghost: no matching entries in passwd file',
    });
    await expect(lookupUser(rootfs, 'www:ghosts')).rejects.toMatchObject({
      code: 'GROUP_NOT_FOUND',
      message: 'unable to find group ghosts: no matching entries in group file',
    });
    await expect(lookupUser(rootfs, '2147483648')).rejects.toMatchObject({
      message: 'uids and gids must be in range 0-2147483647',
    });
  });

  test('takes a root without the files for one without users', async () => {
    expect(await lookupUser('/nosuch', '')).toEqual({ uid: 0, gid: 0, supplementaryGids: [], home: '/' });
    await expect(lookupUser('/nosuch', 'root')).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });
});

test('lookupGroups() takes names and numbers', async () => {
  expect(await lookupGroups(rootfs, ['extra', '7', 'www'])).toEqual([50, 7, 34]);
  await expect(lookupGroups(rootfs, ['ghosts'])).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
});
