import { execFileSync } from 'node:child_process';
import { constants, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { mknod, setXattr } from '../../../../src/agent/kernel/libc.js';
import { layerTar } from '../../../../src/agent/layer/layer-tar.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { digestHex, digestOf } from '../../../../src/shared/digest.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');

/** A writable layer, mounted, upon two layers. */
async function writable(path: string) {
  const store = new OverlayLayerStore({ root: path });
  const one = Buffer.concat([
    tarFile({ type: 'directory', name: 'a/' }),
    tarFile({ type: 'file', name: 'a/old' }, Buffer.from('old')),
    tarFile({ type: 'file', name: 'a/same' }),
    tarFile({ type: 'directory', name: 'gone/' }),
    tarFile({ type: 'file', name: 'gone/x' }),
    tarEnd,
  ]);
  const two = Buffer.concat([tarFile({ type: 'directory', name: 'b/' }), tarEnd]);
  const parent = await store.apply(Readable.from([one]), digestOf(one), undefined);
  const chainId = await store.apply(Readable.from([two]), digestOf(two), parent);
  await store.prepare('key', chainId);
  const root = await store.mount('key');
  const disposable = { [Symbol.asyncDispose]: () => store.discard('key') };
  return { store, root, chainId, disposable };
}

async function read(tar: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Readable.from(tar).toArray());
}

test('changes() tells what was added, modified and deleted, without what was only looked at', async () => {
  await using directory = await temporaryDirectory();
  const { store, root, disposable } = await writable(directory.path);
  await using _layer = disposable;

  writeFileSync(`${root}/a/old`, 'new');
  rmSync(`${root}/gone`, { recursive: true });
  mkdirSync(`${root}/gone`);
  writeFileSync(`${root}/gone/y`, '');
  rmSync(`${root}/a/same`);
  mkdirSync(`${root}/mnt`);

  expect(await store.changes('key', new Set(['mnt']))).toEqual([
    { kind: 'modified', path: 'a' },
    { kind: 'modified', path: 'a/old' },
    { kind: 'deleted', path: 'a/same' },
    { kind: 'modified', path: 'gone' },
    { kind: 'added', path: 'gone/y' },
  ]);
});

test('diff() writes whiteouts, opaque marks, links, capabilities and attributes as other programs read them', async () => {
  await using directory = await temporaryDirectory();
  const { store, root, disposable } = await writable(directory.path);
  await using _layer = disposable;
  rmSync(`${root}/a/same`);
  rmSync(`${root}/gone`, { recursive: true });
  mkdirSync(`${root}/gone`);
  mkdirSync(`${root}/${'long'.repeat(40)}`);
  writeFileSync(`${root}/b/file`, 'content');
  execFileSync('ln', [`${root}/b/file`, `${root}/b/hard`]);
  symlinkSync('/etc/passwd', `${root}/b/link`);
  setXattr(`${root}/b/file`, 'security.capability', capability);
  setXattr(`${root}/b/file`, 'user.note', Buffer.from('hi'));

  const tar = await read(store.diff('key'));

  const names = execFileSync('tar', ['-tv'], { input: tar }).toString();
  expect(
    names
      .replace(/^(\S+) .* \d\d:\d\d (.*)$/gm, '$1 $2')
      .trim()
      .split('\n'),
  ).toEqual([
    'drw-r--r-- a/',
    '-rw------- a/.wh.same',
    'drw-r--r-- b/',
    '-rw-r--r-- b/file',
    'hrw-r--r-- b/hard link to b/file',
    'lrwxrwxrwx b/link -> /etc/passwd',
    'drwxr-xr-x gone/',
    '-rw------- gone/.wh..wh..opq',
    `drwxr-xr-x ${'long'.repeat(40)}/`,
  ]);
  expect(tar.includes('SCHILY.xattr.user.note=hi')).toBe(true);
  expect(tar.includes('SCHILY.xattr.security.capability=')).toBe(true);
  expect(tar.includes('overlay')).toBe(false);
});

test('a layer made of a diff is the same directory: its own tar is the same, and a mount upon it shows the changes', async () => {
  await using directory = await temporaryDirectory();
  const { store, root, chainId, disposable } = await writable(directory.path);
  await using _layer = disposable;
  rmSync(`${root}/gone`, { recursive: true });
  mkdirSync(`${root}/gone`);
  writeFileSync(`${root}/gone/y`, 'y');
  rmSync(`${root}/a/same`);
  execFileSync('ln', [`${root}/gone/y`, `${root}/z`]);
  mknod(`${root}/pipe`, constants.S_IFIFO | 0o644, 0, 0);

  const added = await store.add(Readable.from(store.diff('key')), chainId);

  const upper = `${directory.path}/overlay2/${digestHex(added.chainId)}/diff`;
  expect(digestOf(await read(layerTar(upper)))).toBe(added.diffId);
  expect(digestOf(await read(store.diff('key')))).toBe(added.diffId);
  await store.prepare('above', added.chainId);
  await using _above = { [Symbol.asyncDispose]: () => store.discard('above') };
  const above = await store.mount('above');
  expect(readdirSync(above).sort()).toEqual(['a', 'b', 'gone', 'pipe', 'z']);
  expect(readdirSync(`${above}/gone`)).toEqual(['y']);
  expect(readdirSync(`${above}/a`)).toEqual(['old']);
  expect(await store.changes('above')).toEqual([]);
});

test('add() of the same content twice gives one layer', async () => {
  await using directory = await temporaryDirectory();
  const { store, root, chainId, disposable } = await writable(directory.path);
  await using _layer = disposable;
  writeFileSync(`${root}/b/file`, 'content');

  const [one, two] = await Promise.all([
    store.add(Readable.from(store.diff('key')), chainId),
    store.add(Readable.from(store.diff('key')), chainId),
  ]);

  expect(one).toEqual(two);
  expect(await store.list()).toHaveLength(3);
});
