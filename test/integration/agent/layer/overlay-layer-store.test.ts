import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { getXattr } from '../../../../src/agent/kernel/libc.js';
import { chainIdsOf } from '../../../../src/agent/layer/chain-id.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { type Digest, digestHex, digestOf } from '../../../../src/shared/digest.js';
import { type TarEntryInput, tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

type Member = TarEntryInput & { content?: string };

function archive(...members: readonly Member[]): Buffer {
  const entries = members.map(({ content, ...entry }) => tarFile(entry, Buffer.from(content ?? '')));
  return Buffer.concat([...entries, tarEnd]);
}

function apply(store: OverlayLayerStore, tar: Buffer, parent?: Digest): Promise<Digest> {
  return store.apply(Readable.from([tar]), digestOf(tar), parent);
}

const diffOf = (root: string, chainId: Digest) => `${root}/overlay2/${digestHex(chainId)}/diff`;

function visible(root: string): string[] {
  return readdirSync(`${root}/overlay2`).filter((name) => name !== 'l');
}

describe('OverlayLayerStore.apply()', () => {
  test('gives every kind of entry its owner, mode, time and attributes', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const mtime = 1_600_000_000_123_456_789n;
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    const common = { uid: 1234, gid: 5678, mtime };
    const chainId = await apply(
      store,
      archive(
        { type: 'directory', name: './', mode: 0o711, ...common },
        { type: 'directory', name: 'dir/', mode: 0o1777, ...common },
        { type: 'file', name: './dir/setuid', mode: 0o4755, content: 'x', ...common },
        { type: 'file', name: '/cap', xattrs: new Map([['security.capability', capability]]), ...common },
        { type: 'hard-link', name: 'hard', linkName: '/dir/setuid' },
        { type: 'symlink', name: 'abs', linkName: '/etc/passwd', ...common },
        { type: 'symlink', name: 'up', linkName: '../../../etc', ...common },
        { type: 'character-device', name: 'null', mode: 0o666, major: 1, minor: 3, ...common },
        { type: 'fifo', name: 'pipe', mode: 0o622, ...common },
        { type: 'file', name: 'n\xff\xe9', content: 'latin1' },
      ),
    );
    const diff = diffOf(dir.path, chainId);
    const stat = (name: string) => lstatSync(`${diff}/${name}`, { bigint: true });

    expect(stat('dir/setuid')).toMatchObject({ mode: 0o104755n, uid: 1234n, gid: 5678n, mtimeNs: mtime });
    expect(stat('dir')).toMatchObject({ mode: 0o41777n, mtimeNs: mtime });
    expect(stat('')).toMatchObject({ mode: 0o40711n, mtimeNs: mtime });
    expect(stat('hard').ino).toBe(stat('dir/setuid').ino);
    expect(stat('abs')).toMatchObject({ uid: 1234n, mtimeNs: mtime });
    expect(readlinkSync(`${diff}/abs`)).toBe('/etc/passwd');
    expect(readlinkSync(`${diff}/up`)).toBe('../../../etc');
    expect(stat('null')).toMatchObject({ mode: 0o20666n, rdev: 0x103n });
    expect(stat('pipe').mode).toBe(0o10622n);
    expect(getXattr(`${diff}/cap`, 'security.capability')).toEqual(capability);
    expect(readFileSync(Buffer.from(`${diff}/n\xff\xe9`, 'latin1'), 'utf8')).toBe('latin1');
    expect(await store.size(chainId)).toBe(7);
  });

  test('lets a later entry of the same name win', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const chainId = await apply(
      store,
      archive(
        { type: 'file', name: 'a', content: 'first' },
        { type: 'file', name: 'a', content: 'second' },
        { type: 'directory', name: 'b' },
        { type: 'file', name: 'b/c' },
        { type: 'symlink', name: 'b', linkName: '/' },
        { type: 'symlink', name: 'd', linkName: '/' },
        { type: 'directory', name: 'd' },
        { type: 'file', name: 'd/inside', content: 'here' },
      ),
    );
    const diff = diffOf(dir.path, chainId);

    expect(readFileSync(`${diff}/a`, 'utf8')).toBe('second');
    expect(lstatSync(`${diff}/b`).isSymbolicLink()).toBe(true);
    expect(readFileSync(`${diff}/d/inside`, 'utf8')).toBe('here');
  });

  const hostile: readonly (readonly [string, readonly Member[], string])[] = [
    ['a name with ".."', [{ type: 'file', name: '../evil', content: 'x' }], '"../evil"'],
    ['".." in the middle', [{ type: 'file', name: 'a/../../evil' }], '"a/../../evil"'],
    ['an absolute name with ".."', [{ type: 'file', name: '/../evil' }], '"/../evil"'],
    [
      'a hard link through a symbolic link',
      [
        { type: 'symlink', name: 'out', linkName: '/etc' },
        { type: 'hard-link', name: 'evil', linkName: 'out/passwd' },
      ],
      '"evil"',
    ],
    [
      'a hard link out of the layer',
      [{ type: 'hard-link', name: 'x', linkName: '../../etc/passwd' }],
      '"../../etc/passwd"',
    ],
    ['a hard link to what is not there', [{ type: 'hard-link', name: 'x', linkName: '/etc/passwd' }], '"x"'],
    [
      'a hard link to a directory',
      [
        { type: 'directory', name: 'd' },
        { type: 'hard-link', name: 'x', linkName: 'd' },
      ],
      '"x"',
    ],
    ['a whiteout of ".."', [{ type: 'file', name: 'a/.wh...' }], '"a/.wh..."'],
    [
      'a file below a file',
      [
        { type: 'file', name: 'f' },
        { type: 'file', name: 'f/g' },
      ],
      '"f/g"',
    ],
    ['a root that is a link', [{ type: 'symlink', name: './', linkName: '/' }], '"./"'],
  ];

  test('an entry below a link of the layer goes where that leads inside it, never out', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const tar = archive(
      { type: 'directory', name: 'usr/lib' },
      { type: 'symlink', name: 'lib', linkName: 'usr/lib' },
      { type: 'file', name: 'lib/a', content: 'in usr/lib' },
      { type: 'symlink', name: 'up', linkName: '../../../../usr' },
      { type: 'file', name: 'up/lib/b', content: 'clamped' },
      { type: 'symlink', name: 'usr/absolute', linkName: '/made/../usr/lib' },
      { type: 'file', name: 'usr/absolute/c', content: 'c' },
      { type: 'hard-link', name: 'usr/absolute/d', linkName: 'lib/a' },
      { type: 'symlink', name: 'later', linkName: 'var/later' },
      { type: 'directory', name: 'later/x' },
      { type: 'file', name: 'lib/.wh.gone' },
    );
    const chainId = await apply(store, tar);
    const diff = diffOf(dir.path, chainId);

    expect(readdirSync(`${diff}/usr/lib`).sort()).toEqual(['a', 'b', 'c', 'd', 'gone']);
    expect(lstatSync(`${diff}/lib`).isSymbolicLink()).toBe(true);
    expect(lstatSync(`${diff}/usr/lib/a`).nlink).toBe(2);
    expect(lstatSync(`${diff}/usr/lib/gone`).isCharacterDevice()).toBe(true);
    expect(lstatSync(`${diff}/var/later/x`).isDirectory()).toBe(true);
    const pieces: Buffer[] = [];
    for await (const piece of store.tar(chainId)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(tar)).toBe(true);
  });

  test('a link to /tmp leads to a directory of the layer, and links in a circle nowhere', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const circle = archive(
      { type: 'symlink', name: 'a', linkName: 'b' },
      { type: 'symlink', name: 'b', linkName: 'a' },
      { type: 'file', name: 'a/x' },
    );
    await expect(apply(store, circle)).rejects.toMatchObject({ code: 'LAYER_INVALID' });

    const out = archive(
      { type: 'symlink', name: 'out', linkName: '/tmp' },
      { type: 'file', name: 'out/tsmachine-evil', content: 'x' },
    );
    const chainId = await apply(store, out);
    expect(existsSync(`${diffOf(dir.path, chainId)}/tmp/tsmachine-evil`)).toBe(true);
    expect(existsSync('/tmp/tsmachine-evil')).toBe(false);
  });

  test.each(hostile)('refuses %s, and nothing remains', async (_, members, named) => {
    await using dir = await temporaryDirectory();
    const root = `${dir.path}/a/b/store`;
    const store = new OverlayLayerStore({ root });

    const work = apply(store, archive(...members));

    await expect(work).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      message: expect.stringContaining(named),
    });
    expect(visible(root)).toEqual([]);
    expect(readdirSync(`${root}/staging`)).toEqual([]);
    expect(existsSync('/tmp/evil') || existsSync(`${dir.path}/evil`)).toBe(false);
    expect(readdirSync(dir.path)).toEqual(['a']);
  });

  test('refuses a layer whose digest is another, and nothing remains', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const tar = archive({ type: 'file', name: 'a' });

    const work = store.apply(Readable.from([tar]), digestOf('other'), undefined);

    await expect(work).rejects.toMatchObject({ code: 'LAYER_DIGEST_MISMATCH' });
    expect(await store.list()).toEqual([]);
    expect(visible(dir.path)).toEqual([]);
  });

  test('refuses a damaged archive as LAYER_INVALID', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const cut = archive({ type: 'file', name: 'a', content: 'x'.repeat(3000) }).subarray(0, 1500);

    await expect(apply(store, cut)).rejects.toMatchObject({ code: 'LAYER_INVALID' });
  });

  test('unpacks a layer once when it is asked for twice at the same time', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const tar = archive({ type: 'file', name: 'a', content: 'x' });
    const streams = [Readable.from([tar]), Readable.from([tar])] as const;

    const [one, two] = await Promise.all(
      streams.map((stream) => store.apply(stream, digestOf(tar), undefined)),
    );

    expect(one).toBe(two);
    expect(visible(dir.path)).toEqual([digestHex(digestOf(tar))]);
    expect(streams[1].destroyed).toBe(true);
  });

  test('tries with its own stream when a concurrent call fails', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const tar = archive({ type: 'file', name: 'a', content: 'x' });
    const broken = store.apply(Readable.from([tar.subarray(0, 500)]), digestOf(tar), undefined);
    const good = apply(store, tar);

    await expect(broken).rejects.toMatchObject({ code: 'LAYER_INVALID' });
    expect(await good).toBe(digestOf(tar));
  });

  test('stops when its signal is aborted, and nothing remains', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const stalled = new Readable({ read() {} });
    stalled.push(archive({ type: 'file', name: 'a', content: 'x' }).subarray(0, 600));

    const work = store.apply(stalled, digestOf('x'), undefined, AbortSignal.timeout(50));

    await expect(work).rejects.toThrow('timeout');
    expect(readdirSync(`${dir.path}/staging`)).toEqual([]);
  });
});

describe('OverlayLayerStore.mount()', () => {
  test('shows all layers as one, with whiteouts and opaque directories', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    const lower = await apply(
      store,
      archive(
        { type: 'file', name: 'kept', content: '1' },
        { type: 'file', name: 'gone', content: '1' },
        { type: 'file', name: 'opaque/old', content: '1' },
        { type: 'file', name: 'again/old', content: '1' },
      ),
    );
    const upper = await apply(
      store,
      archive(
        { type: 'file', name: '.wh.gone' },
        { type: 'file', name: 'opaque/.wh..wh..opq' },
        { type: 'file', name: 'opaque/new', content: '2' },
        { type: 'file', name: '.wh.again' },
        { type: 'directory', name: 'again' },
        { type: 'file', name: '.wh..wh.plnk/1.2', content: 'aufs' },
      ),
      lower,
    );
    await store.prepare('c1', upper);

    const root = await store.mount('c1');

    try {
      expect(await store.mount('c1')).toBe(root);
      expect(readdirSync(root).sort()).toEqual(['again', 'kept', 'opaque']);
      expect(readdirSync(`${root}/opaque`)).toEqual(['new']);
      expect(readdirSync(`${root}/again`)).toEqual([]);
      writeFileSync(`${root}/kept`, 'changed');
      writeFileSync(`${root}/new`, '123');
      expect(await store.usage('c1')).toBe(10);
      expect(store.describe('c1')['UpperDir']).toBe(`${dir.path}/overlay2/c1/diff`);
      await expect(store.remove(upper)).rejects.toMatchObject({ code: 'LAYER_IN_USE' });
    } finally {
      await store.discard('c1');
    }
    expect(existsSync(root)).toBe(false);
    await store.remove(upper);
    await store.remove(lower);
    expect(await store.list()).toEqual([]);
    expect(readdirSync(`${dir.path}/overlay2`)).toEqual(['l']);
    await store.flush();
  });

  test('mounts 125 layers although their paths do not fit into one page', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: `${dir.path}/a-rather-long-name-of-a-data-directory` });
    const tars = Array.from({ length: 125 }, (_, n) => archive({ type: 'file', name: `f${n}` }));
    let parent: Digest | undefined;
    for (const tar of tars) parent = await apply(store, tar, parent);
    await store.prepare('deep', parent);

    try {
      const root = await store.mount('deep');

      expect(readdirSync(root)).toHaveLength(125);
      expect(parent).toBe(chainIdsOf(tars.map((tar) => digestOf(tar))).at(-1));
    } finally {
      await store.discard('deep');
      await store.flush();
    }
  });

  test('mounts a root whose path has a colon and a comma', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: `${dir.path}/a:b,c` });
    await store.prepare('x', await apply(store, archive({ type: 'file', name: 'f' })));

    try {
      expect(readdirSync(await store.mount('x'))).toEqual(['f']);
    } finally {
      await store.discard('x');
      await store.flush();
    }
  });

  test('mounts an image without layers', async () => {
    await using dir = await temporaryDirectory();
    const store = new OverlayLayerStore({ root: dir.path });
    await store.prepare('scratch', undefined);

    try {
      expect(readdirSync(await store.mount('scratch'))).toEqual([]);
    } finally {
      await store.discard('scratch');
    }
  });
});

describe('OverlayLayerStore.recover()', () => {
  test('removes what was half-made and writable layers that nobody knows, and keeps the rest', async () => {
    await using dir = await temporaryDirectory();
    const before = new OverlayLayerStore({ root: dir.path });
    const layer = await apply(before, archive({ type: 'file', name: 'f', content: 'x' }));
    await before.prepare('known', layer);
    await before.prepare('unknown', layer);
    await before.mount('unknown');
    await before.flush();
    execFileSync('mkdir', ['-p', `${dir.path}/staging/half/diff`]);
    execFileSync('ln', ['-s', '../nowhere/diff', `${dir.path}/overlay2/l/LOST`]);

    const after = new OverlayLayerStore({ root: dir.path });
    await after.recover(new Set(['known']));

    expect(await after.list()).toEqual([layer]);
    expect(readdirSync(`${dir.path}/staging`)).toEqual([]);
    expect(visible(dir.path).sort()).toEqual([digestHex(layer), 'known'].sort());
    expect(readdirSync(`${dir.path}/overlay2/l`)).toHaveLength(1);
    await after.flush();
  });

  test('drops a layer that was not on the disk when the host went down, and what stands on it', async () => {
    await using dir = await temporaryDirectory();
    const before = new OverlayLayerStore({ root: dir.path });
    const lower = await apply(before, archive({ type: 'file', name: 'f' }));
    await apply(before, archive({ type: 'file', name: 'g' }), lower);
    await before.flush();
    const path = `${dir.path}/overlay2/${digestHex(lower)}/layer.json`;
    writeFileSync(
      path,
      JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), unsyncedSinceBoot: 'old' }),
    );

    const after = new OverlayLayerStore({ root: dir.path });
    await after.recover(new Set());

    expect(await after.list()).toEqual([]);
    expect(visible(dir.path)).toEqual([]);
  });
});
