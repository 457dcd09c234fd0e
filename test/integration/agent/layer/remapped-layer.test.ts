import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { getXattr, setXattr } from '../../../../src/agent/kernel/libc.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { type Digest, digestHex, digestOf } from '../../../../src/shared/digest.js';
import { readTar } from '../../../../src/shared/tar/read-tar.js';
import type { TarEntry } from '../../../../src/shared/tar/tar-entry.js';
import { type TarEntryInput, tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const idMap = {
  uids: [{ container: 0, host: 300_000, size: 65_536 }],
  gids: [{ container: 0, host: 400_000, size: 65_536 }],
};
const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');

function archive(...entries: readonly TarEntryInput[]): Buffer {
  const content = (type: string) => Buffer.from(type === 'file' ? 'text' : '');
  return Buffer.concat([...entries.map((entry) => tarFile(entry, content(entry.type))), tarEnd]);
}

const lower = archive(
  { type: 'directory', name: 'etc', mode: 0o755, uid: 0, gid: 0 },
  { type: 'file', name: 'etc/own', mode: 0o644, uid: 5, gid: 6 },
  { type: 'file', name: 'etc/gone', mode: 0o644, uid: 0, gid: 0 },
  { type: 'file', name: 'etc/foreign', mode: 0o644, uid: 70_000, gid: 0 },
  { type: 'file', name: 'su', mode: 0o4755, uid: 0, gid: 0 },
  {
    type: 'file',
    name: 'cap',
    mode: 0o755,
    uid: 0,
    gid: 0,
    xattrs: new Map([['security.capability', capability]]),
  },
);
const upper = archive(
  { type: 'directory', name: 'etc', mode: 0o755, uid: 0, gid: 0 },
  { type: 'file', name: 'etc/.wh.gone', mode: 0o644, uid: 0, gid: 0 },
  { type: 'file', name: 'top', mode: 0o644, uid: 1, gid: 2 },
);

async function twoLayers(store: OverlayLayerStore): Promise<readonly [Digest, Digest]> {
  const below = await store.apply(Readable.from([lower]), digestOf(lower), undefined);
  return [below, await store.apply(Readable.from([upper]), digestOf(upper), below)];
}

async function entriesOf(tar: AsyncIterable<Buffer>): Promise<ReadonlyMap<string, TarEntry>> {
  const found = new Map<string, TarEntry>();
  await readTar(Readable.from(tar), {
    begin: (entry) => void found.set(entry.name.replace(/\/$/, ''), entry),
    data: () => {},
    end: () => {},
  });
  return found;
}

const ownerOf = (path: string) => {
  const { uid, gid } = lstatSync(path);
  return [uid, gid];
};

describe.each([
  ['mounts that the kernel maps', false],
  ['copies', true],
])('a writable layer of a user namespace, by %s', (_, copies) => {
  test('shows the layers below with its owners, and keeps its own so on the disk', async () => {
    await using dir = await temporaryDirectory();
    chmodSync(dir.path, 0o711);
    const store = new OverlayLayerStore({ root: dir.path, copies });
    const [, top] = await twoLayers(store);
    await store.prepare('c1', top, { idMap });
    const root = await store.mount('c1');
    try {
      expect(ownerOf(root)).toEqual([300_000, 400_000]);
      expect(ownerOf(`${root}/etc/own`)).toEqual([300_005, 400_006]);
      expect(ownerOf(`${root}/top`)).toEqual([300_001, 400_002]);
      expect(ownerOf(`${root}/etc/foreign`)).toEqual([65_534, 400_000]);
      expect(statSync(`${root}/su`).mode & 0o7777).toBe(0o4755);
      expect(existsSync(`${root}/etc/gone`)).toBe(false);
      // What an unprivileged user with the first IDs may do is what root in the container may do.
      const asRoot = ['--reuid=300000', '--regid=400000', '--clear-groups', 'sh', '-c'];
      execFileSync('setpriv', [...asRoot, `echo more >> ${root}/su && echo new > ${root}/etc/new`]);

      expect(ownerOf(`${dir.path}/overlay2/c1/diff/etc/new`)).toEqual([300_000, 400_000]);
      expect((await store.changes('c1')).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
        'modified etc',
        'added etc/new',
        'modified su',
      ]);
      const diff = await entriesOf(store.diff('c1'));
      expect(diff.get('etc')).toMatchObject({ uid: 0, gid: 0 });
      expect(diff.get('su')).toMatchObject({ uid: 0, gid: 0 });
    } finally {
      await store.discard('c1');
    }
    expect(readdirSync(`${dir.path}/staging`)).toEqual([]);
  });

  test('tells of owners, deleted files and capabilities as the container sees them', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path, copies });
    const [below] = await twoLayers(store);
    await store.prepare('c1', below, { idMap });
    const root = await store.mount('c1');
    try {
      rmSync(`${root}/etc/own`);
      chmodSync(`${root}/cap`, 0o750); // copied up
      setXattr(`${root}/cap`, 'security.capability', capability);
      execFileSync('chown', ['300033:400034', `${root}/su`]);
      expect((await store.changes('c1')).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
        'modified cap',
        'modified etc',
        'deleted etc/own',
        'modified su',
      ]);
      const diff = await entriesOf(store.diff('c1'));

      expect(diff.get('etc/.wh.own')).toMatchObject({ type: 'file' });
      expect(diff.get('su')).toMatchObject({ uid: 33, gid: 34 });
      expect(diff.get('cap')?.xattrs?.get('security.capability')?.subarray(0, 20)).toEqual(capability);
      const added = await store.add(Readable.from(store.diff('c1')), below);
      const files = `${dir.path}/overlay2/${digestHex(added.chainId)}/diff`;
      expect(ownerOf(`${files}/su`)).toEqual([33, 34]);
      expect(getXattr(`${files}/cap`, 'security.capability')).toEqual(capability);
    } finally {
      await store.discard('c1');
    }
  });

  test('is the same for another store that finds it', async () => {
    await using dir = await temporaryDirectory();
    const [, top] = await twoLayers(new OverlayLayerStore({ root: dir.path, copies }));
    await new OverlayLayerStore({ root: dir.path, copies }).prepare('c1', top, { idMap });
    const store = new OverlayLayerStore({ root: dir.path, copies });
    await store.recover(new Set(['c1']));
    const root = await store.mount('c1');
    try {
      expect(ownerOf(`${root}/etc/own`)).toEqual([300_005, 400_006]);
      writeFileSync(`${root}/f`, '');
    } finally {
      await store.discard('c1');
    }
  });
});

test('copies go with their layers, and those that a crash has left at the next start', async () => {
  await using dir = await temporaryDirectory();
  const store = new OverlayLayerStore({ root: dir.path, copies: true });
  const [below, top] = await twoLayers(store);
  await store.prepare('c1', top, { idMap });
  await store.mount('c1');
  const [map = ''] = readdirSync(`${dir.path}/remapped`);
  const copies = () => readdirSync(`${dir.path}/remapped/${map}`).filter((name) => name !== 'l');
  expect(copies().sort()).toEqual([below, top].map(digestHex).sort());
  expect(readFileSync(`${dir.path}/remapped/${map}/${digestHex(below)}/diff/etc/gone`, 'utf8')).toBe('text');

  await store.discard('c1');
  await store.remove(top);
  expect(copies()).toEqual([digestHex(below)]);

  rmSync(`${dir.path}/overlay2/${digestHex(below)}`, { recursive: true });
  await new OverlayLayerStore({ root: dir.path }).recover(new Set());
  expect(copies()).toEqual([]);
});
