import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncedDirectory } from '../../../../src/agent/buildkit/files/synced-directory.js';
import type { FileStat } from '../../../../src/buildkit/wire/session.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'root'));
});
afterEach(async () => directory[Symbol.asyncDispose]());

const time = 1_700_000_000_123_456_789n;

function told(path: string, mode = 0o644, more: Partial<FileStat> = {}): FileStat {
  const rest = { uid: 0, gid: 0, devmajor: 0, devminor: 0, xattrs: new Map<string, Uint8Array>() };
  return { path, mode, size: 1, modTime: time, linkname: '', ...rest, ...more };
}
const goDirectory = 0x8000_0000;
const goSymlink = 0x0800_0000;

function open(): SyncedDirectory {
  return new SyncedDirectory(join(directory.path, 'root'), new Map());
}

test('a file that was sent whole is there at the next sync; another is sent again', () => {
  const first = open();
  expect([first.tell(0, told('a')), first.tell(1, told('b'))]).toEqual(['missing', 'missing']);
  first.write(0, Buffer.from('1'));
  first.end(0);
  first.write(1, Buffer.from('2')); // cut off before its end
  first.dispose();

  const second = open();

  expect([second.tell(0, told('a')), second.tell(1, told('b'))]).toEqual(['there', 'missing']);
  second.dispose();
});

test.each([
  ['size', { size: 2 }],
  ['time', { modTime: time + 1n }],
  ['mode', { mode: 0o755 }],
])('a file of another %s is sent again', (_, change) => {
  const first = open();
  first.tell(0, told('a'));
  first.write(0, Buffer.from('1'));
  first.end(0);

  expect(open().tell(0, told('a', 0o644, change))).toBe('missing');
});

test('what is not told any more is removed; hard links and links are made', async () => {
  const root = join(directory.path, 'root');
  await mkdir(join(root, 'old/deep'), { recursive: true });
  await writeFile(join(root, 'old/deep/x'), '');
  const tree = open();
  tree.tell(0, told('d', goDirectory + 0o755));
  tree.tell(1, told('d/a'));
  tree.tell(2, told('d/same', 0o644, { linkname: 'd/a' }));
  tree.tell(3, told('link', goSymlink + 0o777, { linkname: '/etc' }));
  tree.write(1, Buffer.from('1'));
  tree.end(1);

  tree.finish();

  expect(
    (await readdir(root, { recursive: true })).filter((name) => !name.startsWith('link/')).sort(),
  ).toEqual(['d', 'd/a', 'd/same', 'link']);
  expect(await readFile(join(root, 'd/same'), 'utf8')).toBe('1');
});

test.each([
  '',
  '.',
  '..',
  '../x',
  '/etc/x',
  'd/../../x',
  'd//x',
  'no-directory/x',
  'x\0',
  'link/x',
  './x',
  'd',
])('the name %j leads nowhere', async (path) => {
  await symlink('/tmp', join(directory.path, 'root', 'link'));
  const tree = open();
  tree.tell(0, told('d', goDirectory + 0o755));
  tree.tell(1, told('link', goSymlink + 0o777, { linkname: '/tmp' }));

  expect(() => tree.tell(2, told(path))).toThrow(expect.objectContaining({ code: 'FILE_SYNC_FAILED' }));
});

test('a hard link to what was not told is refused, and so is content that nobody asked for', () => {
  const tree = open();
  tree.tell(0, told('a', 0o644, { linkname: '../../etc/passwd' }));

  expect(() => tree.write(0, Buffer.from('1'))).toThrow('which was not asked for');
  expect(() => tree.finish()).toThrow('which is not there');
});
