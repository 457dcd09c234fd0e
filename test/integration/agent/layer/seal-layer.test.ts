import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { listXattrs, setXattr } from '../../../../src/agent/kernel/libc.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { digestHex, digestOf } from '../../../../src/shared/digest.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const size = 2 ** 26;

/** A store, and a writable layer in which all has happened that a build step can do. */
async function changedLayer(path: string) {
  const store = new OverlayLayerStore({ root: path });
  const base = Buffer.concat([
    ...['kept/', 'gone/', 'replaced/'].map((name) => tarFile({ type: 'directory', name, mode: 0o755 })),
    ...['kept/old', 'gone/x', 'replaced/x', 'moved'].map((name) =>
      tarFile({ type: 'file', name }, Buffer.from(name)),
    ),
    tarEnd,
  ]);
  const parent = await store.apply(Readable.from([base]), digestOf(base), undefined);
  await store.prepare('key', parent);
  const root = await store.mount('key');
  await change(root);
  return { store, parent };
}

async function change(root: string): Promise<void> {
  writeFileSync(`${root}/kept/old`, 'new');
  rmSync(`${root}/gone`, { recursive: true });
  rmSync(`${root}/replaced`, { recursive: true });
  mkdirSync(`${root}/replaced`);
  writeFileSync(`${root}/replaced/y`, 'y');
  renameSync(`${root}/moved`, `${root}/kept/moved`);
  linkSync(`${root}/kept/moved`, `${root}/kept/link`);
  symlinkSync('kept/old', `${root}/symlink`);
  writeFileSync(`${root}/sparse`, 'begin');
  truncateSync(`${root}/sparse`, size);
  writeFileSync(`${root}/sparse`, 'end', { flag: 'a' });
  utimesSync(`${root}/sparse`, 1.5, 1.5);
  setXattr(`${root}/sparse`, 'user.note', Buffer.from('hi'));
  setXattr(`${root}/sparse`, 'trusted.note', Buffer.from('not in an archive'));
  mkdirSync(`${root}/sys`);
  mkdirSync(`${root}/dev`);
  chmodSync(root, 0o700);
  await using server = createServer().listen(`${root}/kept/socket`);
  await new Promise((resolve) => server.once('listening', resolve));
  linkSync(`${root}/kept/socket`, `${root}/kept/left`); // it outlives the server
}

/** Whiteouts are that, whatever their times. */
function tree(path: string): readonly string[] {
  const format = '%P %y %m %U %G %T@ %l %n\\n';
  const lines = execFileSync('find', [path, '-mindepth', '1', '-printf', format]).toString().split('\n');
  return lines.map((line) => line.replace(/^(\S+) c .*/, '$1 whiteout')).sort();
}

const read = async (tar: AsyncIterable<Buffer>): Promise<Buffer> =>
  Buffer.concat(await Readable.from(tar).toArray());

const diffOf = (root: string, chainId: Parameters<typeof digestHex>[0]): string =>
  `${root}/overlay2/${digestHex(chainId)}/diff`;

test('a sealed layer has the digest, the archive and the files of one that was unpacked from the same archive', async () => {
  await using dir = await temporaryDirectory();
  const [one, other] = [`${dir.path}/one`, `${dir.path}/other`];
  const { store, parent } = await changedLayer(one);
  const mountPoints = new Set(['sys', 'dev']);
  const archive = await read(store.diff('key', mountPoints));

  const sealed = await store.seal('key', mountPoints);

  if (!sealed) throw new Error('nothing was changed');
  expect(sealed.diffId).toBe(digestOf(archive));
  expect((await read(store.tar(sealed.chainId))).equals(archive)).toBe(true);
  const elsewhere = new OverlayLayerStore({ root: other });
  const base = await read(store.tar(parent));
  await elsewhere.apply(Readable.from([base]), digestOf(base), undefined);
  await elsewhere.apply(Readable.from([archive]), digestOf(archive), parent);
  expect(tree(diffOf(one, sealed.chainId))).toEqual(tree(diffOf(other, sealed.chainId)));
  expect(await store.size(sealed.chainId)).toBe(await elsewhere.size(sealed.chainId));
  expect(await store.tarSize(sealed.chainId)).toBe(archive.length);
});

test('it is moved: holes stay, what is in no archive goes, and the writable layer is empty', async () => {
  await using dir = await temporaryDirectory();
  const { store } = await changedLayer(dir.path);
  const before = statSync(`${dir.path}/overlay2/key/diff/sparse`).ino;

  const sealed = await store.seal('key', new Set(['sys', 'dev']));

  if (!sealed) throw new Error('nothing was changed');
  const diff = diffOf(dir.path, sealed.chainId);
  const { ino, blocks, size: length, mtimeMs } = statSync(`${diff}/sparse`);
  expect([ino, length, mtimeMs]).toEqual([before, size + 3, 1000]);
  expect(blocks).toBeLessThan(64);
  expect(listXattrs(`${diff}/sparse`)).toEqual(['user.note']);
  expect(readdirSync(`${diff}/kept`).sort()).toEqual(['link', 'moved', 'old']);
  expect(lstatSync(diff).mode & 0o7777).toBe(0o755);
  expect(existsSync(`${diff}/sys`)).toBe(false);
  expect(await store.changes('key')).toEqual([]);
  await store.discard('key');
});

test('an image of sealed layers looks as the container did', async () => {
  await using dir = await temporaryDirectory();
  const { store } = await changedLayer(dir.path);
  const sealed = await store.seal('key', new Set(['sys', 'dev']));
  await store.discard('key');
  await store.prepare('next', sealed?.chainId);
  const root = await store.mount('next');

  expect(readdirSync(root).sort()).toEqual(['kept', 'replaced', 'sparse', 'symlink']);
  expect(readdirSync(`${root}/replaced`)).toEqual(['y']);
  expect(readFileSync(`${root}/symlink`, 'utf8')).toBe('new');
  writeFileSync(`${root}/kept/link`, 'changed');
  expect(await store.changes('next')).toEqual([
    { kind: 'modified', path: 'kept' },
    { kind: 'modified', path: 'kept/link' },
  ]);
  await store.discard('next');
});

test('nothing is no layer; a name like a whiteout means what an archive says by it', async () => {
  await using dir = await temporaryDirectory();
  const { store, parent } = await changedLayer(dir.path);
  await store.discard('key');
  await store.prepare('none', parent);
  await store.mount('none');
  expect(await store.seal('none')).toBeUndefined();
  await store.discard('none');

  await store.prepare('named', parent);
  writeFileSync(`${await store.mount('named')}/.wh.moved`, '');
  const sealed = await store.seal('named');
  await store.discard('named');

  await store.prepare('next', sealed?.chainId);
  expect(existsSync(`${await store.mount('next')}/moved`)).toBe(false);
  await store.discard('next');
});
