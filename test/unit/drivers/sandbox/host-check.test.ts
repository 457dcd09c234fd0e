import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBase, checkTools, checkUser } from '../../../../src/drivers/sandbox/host-check.js';

const otherDriver = 'use --driver ssh with any Linux host';

test('checkUser() refuses other systems and other users, and names the other driver', () => {
  expect(() => checkUser({ platform: 'darwin', uid: 501 })).toThrow(
    expect.objectContaining({
      message: 'driver sandbox needs Linux, and this is "darwin"',
      hints: [otherDriver],
    }),
  );
  expect(() => checkUser({ platform: 'linux', uid: 1000 })).toThrow(
    expect.objectContaining({
      message: 'driver sandbox needs root',
      hints: ['run the command with sudo', otherDriver],
    }),
  );
  expect(() => checkUser({ platform: 'linux', uid: 0 })).not.toThrow();
});

test('checkTools() names all missing commands and their packages in one error', async () => {
  const find = async (name: string) => (name === 'ip' || name === 'umount' ? `/bin/${name}` : undefined);

  await expect(checkTools('/', find)).rejects.toMatchObject({
    code: 'SANDBOX_TOOLS_MISSING',
    message: 'driver sandbox needs commands that are missing: nft, unshare, pivot_root, mount, sshd',
    hints: ['run "apt-get install nftables util-linux mount openssh-server"', otherDriver],
  });
});

test('checkTools() does not ask this machine for an sshd that the base has', async () => {
  const find = async (name: string) => (name === 'sshd' ? undefined : `/bin/${name}`);

  await expect(checkTools('/srv/debian', find)).resolves.toBeUndefined();
});

test('checkBase() says what a root file system lacks', async () => {
  const base = await mkdtemp(join(tmpdir(), 'tsmachine-base-'));
  try {
    await expect(checkBase(base)).rejects.toMatchObject({
      code: 'SANDBOX_BASE_UNUSABLE',
      message: `--sandbox-base "${base}" is no root file system for a sandbox: it has no bin/sh, usr/sbin/sshd, etc/passwd`,
    });

    for (const directory of ['bin', 'etc', 'usr/sbin'])
      await mkdir(join(base, directory), { recursive: true });
    for (const file of ['bin/sh', 'etc/passwd']) await writeFile(join(base, file), '');
    await expect(checkBase(base)).rejects.toMatchObject({ hints: ['install openssh-server into it'] });

    await writeFile(join(base, 'usr/sbin/sshd'), '');
    await expect(checkBase(base)).resolves.toBeUndefined();
  } finally {
    await rm(base, { recursive: true });
  }
});
