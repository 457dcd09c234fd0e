import { constants, openSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seqpacketConnect } from '../../../../src/agent/kernel/descriptors.js';
import {
  flock,
  getXattr,
  LOCK,
  listXattrs,
  MS,
  mknod,
  mount,
  removeXattr,
  setTimes,
  setXattr,
  unmount,
} from '../../../../src/agent/kernel/libc.js';
import { processEnd, readProcess } from '../../../../src/agent/kernel/processes.js';
import { start } from '../../../../src/shared/spawn.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp('/tmp/libc-');
  mount('tmpfs', directory, 'tmpfs', MS.NOSUID, 'size=1m');
});
afterEach(async () => {
  unmount(directory);
  await rm(directory, { recursive: true });
});

test('mount() mounts with its flags, unmount() takes it back', async () => {
  expect(await readFile('/proc/self/mountinfo', 'utf8')).toMatch(new RegExp(` ${directory} rw,nosuid`));
  await mkdir(join(directory, 'inner'));
  mount(directory, join(directory, 'inner'), '', MS.BIND);
  unmount(join(directory, 'inner'));
  expect(() => unmount(join(directory, 'inner'))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('errors are those of node:fs', () => {
  expect(() => mount('none', '/nosuch', 'tmpfs', 0)).toThrow(
    expect.objectContaining({
      code: 'ENOENT',
      syscall: 'mount',
      path: '/nosuch',
      message: "ENOENT: no such file or directory, mount '/nosuch'",
    }),
  );
  expect(() => mknod('/a\0b', 0, 0, 0)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('mknod() makes devices with large numbers', async () => {
  mknod(join(directory, 'd'), constants.S_IFCHR | 0o600, 300, 70_000);
  const { rdev, mode } = await stat(join(directory, 'd'));
  expect(mode & constants.S_IFMT).toBe(constants.S_IFCHR);
  expect((rdev >>> 8) & 0xfff).toBe(300);
  expect((rdev & 0xff) | ((rdev >>> 12) & 0xfff00)).toBe(70_000);
});

test('extended attributes hold any bytes, on any name, and of a symbolic link itself', async () => {
  const odd = Buffer.concat([Buffer.from(directory), Buffer.from([0x2f, 0xff])]);
  await writeFile(odd, '');
  const value = Buffer.alloc(3000, 0xfe);
  setXattr(odd, 'trusted.x', value);
  expect(getXattr(odd, 'trusted.x')).toEqual(value);
  expect(getXattr(odd, 'trusted.y')).toBeUndefined();
  expect(listXattrs(odd)).toEqual(['trusted.x']);
  removeXattr(odd, 'trusted.x');
  expect(listXattrs(odd)).toEqual([]);
  await symlink('nowhere', join(directory, 'link'));
  setXattr(join(directory, 'link'), 'trusted.z', Buffer.from('1'));
  expect(listXattrs(join(directory, 'link'))).toEqual(['trusted.z']);
});

test('setTimes() keeps nanoseconds, also before 1970, and does not follow links', async () => {
  const link = join(directory, 'link');
  await symlink('nowhere', link);
  setTimes(link, 1_234_567_890_123_456_789n, -1n);
  const { atimeNs, mtimeNs } = await lstat(link, { bigint: true });
  expect([atimeNs, mtimeNs]).toEqual([1_234_567_890_123_456_789n, -1n]);
});

test('flock() tells that another holder has the lock', async () => {
  await writeFile(join(directory, 'lock'), '');
  const [one, two] = [openSync(join(directory, 'lock'), 'r'), openSync(join(directory, 'lock'), 'r')];
  flock(one, LOCK.EX | LOCK.NB);
  expect(() => flock(two, LOCK.EX | LOCK.NB)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  flock(one, LOCK.UN);
  flock(two, LOCK.EX | LOCK.NB);
  const { closeSync } = await import('node:fs');
  closeSync(one);
  closeSync(two);
});

test('seqpacketConnect() refuses a path that no address holds', () => {
  expect(() => seqpacketConnect(`/${'x'.repeat(107)}`)).toThrow(
    expect.objectContaining({ code: 'ENAMETOOLONG' }),
  );
});

test('processEnd() resolves when a process ends, and at once when it has ended', async () => {
  const child = start(['sleep', '100'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  expect(readProcess(pid)).toMatchObject({ parent: process.pid });
  const end = processEnd(pid, AbortSignal.timeout(10_000));
  child.kill('SIGKILL');
  await end;
  await new Promise((resolve) =>
    (child.exitCode ?? child.signalCode) ? resolve(0) : child.once('exit', resolve),
  );
  await processEnd(pid, AbortSignal.timeout(1000));
  expect(readProcess(pid)).toBeUndefined();
});
