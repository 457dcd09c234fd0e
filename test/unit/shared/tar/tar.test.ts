import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import tarStream from 'tar-stream';
import { readTar } from '../../../../src/shared/tar/read-tar.js';
import { type TarEntry, toByteString } from '../../../../src/shared/tar/tar-entry.js';
import { TarParser } from '../../../../src/shared/tar/tar-parser.js';
import { type TarEntryInput, tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

type Read = Pick<TarEntry, 'type' | 'name'> & Partial<TarEntry> & { content: string };

function parse(archive: Buffer, pieceSize = archive.length): Read[] {
  const found: Read[] = [];
  const parser = new TarParser({
    begin: (entry) => found.push({ ...entry, content: '' }),
    data: (chunk) => {
      const last = found.at(-1);
      if (last) last.content += chunk.toString('latin1');
    },
    end: () => {},
  });
  for (let at = 0; at < archive.length; at += pieceSize) parser.write(archive.subarray(at, at + pieceSize));
  parser.close();
  return found;
}

describe('TarParser', () => {
  test.each(['gnu', 'pax', 'ustar', 'v7', 'oldgnu'])('reads what GNU tar writes as %s', async (format) => {
    await using dir = await temporaryDirectory();
    const isOld = format === 'ustar' || format === 'v7';
    const long = isOld ? 'short' : `${'very-long-name-'.repeat(12)}x`;
    mkdirSync(`${dir.path}/sub`, { mode: 0o751 });
    writeFileSync(`${dir.path}/sub/${long}`, 'content', { mode: 0o640 });
    utimesSync(`${dir.path}/sub/${long}`, 1_700_000_000, 1_700_000_000.25);
    linkSync(`${dir.path}/sub/${long}`, `${dir.path}/sub/z-hard`);
    symlinkSync('../else/where', `${dir.path}/sub/y-soft`);
    const argv = [`--format=${format}`, '--sort=name', '--numeric-owner', '-C', dir.path, '-c', 'sub'];
    const archive = execFileSync('tar', argv);

    const entries = parse(archive, 777);

    expect(entries.map(({ type, name, linkName, content }) => ({ type, name, linkName, content }))).toEqual([
      { type: 'directory', name: 'sub/', linkName: '', content: '' },
      { type: 'file', name: `sub/${long}`, linkName: '', content: 'content' },
      { type: 'symlink', name: 'sub/y-soft', linkName: '../else/where', content: '' },
      { type: 'hard-link', name: 'sub/z-hard', linkName: `sub/${long}`, content: '' },
    ]);
    expect(entries[0]?.mode).toBe(0o751);
    expect(entries[1]?.mode).toBe(0o640);
    expect(entries[1]?.mtime).toBe(
      format === 'pax' ? 1_700_000_000_250_000_000n : 1_700_000_000_000_000_000n,
    );
  });

  test('reads what tar-stream packs', async () => {
    const pack = tarStream.pack();
    pack.entry({ name: `${'d/'.repeat(80)}ünï`, uid: 200_000, gid: 100_000, mode: 0o4755 }, 'hello');
    pack.entry({ name: 'dev', type: 'character-device', devmajor: 1, devminor: 3 });
    pack.entry({ name: 'pipe', type: 'fifo' });
    pack.finalize();

    const entries = parse(await buffer(pack));

    expect(entries[0]).toMatchObject({
      name: toByteString(`${'d/'.repeat(80)}ünï`),
      uid: 200_000,
      gid: 100_000,
      mode: 0o4755,
      content: 'hello',
    });
    expect(entries[1]).toMatchObject({ type: 'character-device', major: 1, minor: 3 });
    expect(entries[2]).toMatchObject({ type: 'fifo' });
  });

  test("reads GNU tar's base-256 numbers", async () => {
    await using dir = await temporaryDirectory();
    const owner = ['--owner=x:3000000', '--group=y:2147483649', '--mtime=@-5'];

    const archive = execFileSync('tar', ['--format=gnu', ...owner, '-C', dir.path, '-c', '.']);

    expect(parse(archive)[0]).toMatchObject({ uid: 3_000_000, gid: 2_147_483_649, mtime: -5_000_000_000n });
  });

  test('refuses a header whose checksum is wrong', () => {
    const archive = Buffer.concat([tarFile({ type: 'file', name: 'a' }, Buffer.from('x')), tarEnd]);
    archive[3] = 0x41;

    expect(() => parse(archive)).toThrow('header checksum mismatch');
  });

  test('refuses an archive cut anywhere but behind the content of an entry', () => {
    const whole = Buffer.concat([tarFile({ type: 'file', name: 'a' }, Buffer.alloc(600, 'x')), tarEnd]);

    for (const length of [1, 511, 512, 700, 1111, 1537]) {
      expect(() => parse(whole.subarray(0, length))).toThrow('unexpected end of archive');
    }
    for (const length of [1112, 1535, 1536]) expect(parse(whole.subarray(0, length))).toHaveLength(1);
  });

  test('keeps the bytes of a binary xattr', () => {
    const value = Buffer.from([0, 1, 0xff, 0x0a, 0x3d, 0x80]);
    const archive = tarFile({ type: 'file', name: 'a', xattrs: new Map([['security.capability', value]]) });

    expect(parse(archive)[0]?.xattrs?.get('security.capability')).toEqual(value);
  });

  test('gives global pax records to every entry that has none of its own', () => {
    const global = tarFile({ type: 'file', name: 'a', mtime: 123_500_000_000n });
    global.write('g', 156);
    global.write(
      (Number.parseInt(global.toString('latin1', 148, 154), 8) - 17).toString(8).padStart(6, '0'),
      148,
    ); // x → g
    const own = tarFile({ type: 'file', name: 'own', mtime: 1_250_000_000n });

    const [a, b, c] = parse(Buffer.concat([global, tarFile({ type: 'file', name: 'b' }), own, tarEnd]));

    expect([a?.mtime, b?.mtime, c?.mtime]).toEqual([123_500_000_000n, 123_500_000_000n, 1_250_000_000n]);
  });

  test('reads back whatever the writer wrote, in pieces of any size', () => {
    const names = fc
      .uint8Array({ minLength: 1, maxLength: 180 })
      .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x61 : byte))))
      .map((bytes) => bytes.toString('latin1'));
    const entry = fc.record({
      name: names,
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.integer({ min: 0, max: 2 ** 31 }),
      gid: fc.integer({ min: 0, max: 2 ** 31 }),
      mtime: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 19n }),
      content: fc.string({ maxLength: 1500, unit: 'binary-ascii' }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), fc.integer({ min: 1, max: 3000 }), (entries, size) => {
        const written = entries.map(({ content, ...rest }) =>
          tarFile({ type: 'file', ...rest } satisfies TarEntryInput, Buffer.from(content, 'latin1')),
        );

        const read = parse(Buffer.concat([...written, tarEnd]), size);

        expect(read).toEqual(entries.map((each) => expect.objectContaining(each)));
      }),
      { numRuns: 100 },
    );
  });

  test('GNU tar reads what the writer wrote', async () => {
    const archive = Buffer.concat([
      tarFile(
        { type: 'file', name: `${'n'.repeat(150)}`, mtime: 1_700_000_000_123_456_789n },
        Buffer.from('x'),
      ),
      tarFile({ type: 'symlink', name: 's', linkName: `${'t'.repeat(150)}` }),
      tarEnd,
    ]);

    const listing = execFileSync('tar', ['--full-time', '-tv'], {
      input: archive,
      env: { TZ: 'UTC' },
    }).toString();

    expect(listing).toContain(`2023-11-14 22:13:20.123456789 ${'n'.repeat(150)}`);
    expect(listing).toContain(`s -> ${'t'.repeat(150)}`);
  });
});

describe('readTar()', () => {
  const nothing = { begin() {}, data() {}, end() {} };

  test('sees every byte, also behind the end of the archive', async () => {
    let bytes = 0;
    const archive = Buffer.concat([tarEnd, Buffer.alloc(9216)]);

    await readTar(Readable.from([archive]), nothing, { onBytes: (chunk) => (bytes += chunk.length) });

    expect(bytes).toBe(10240);
  });

  test('ends a stalled stream when its signal is aborted', async () => {
    const stream = new Readable({ read() {} });
    const work = readTar(stream, nothing, { signal: AbortSignal.timeout(20) });

    await expect(work).rejects.toThrow('timeout');
    expect(stream.destroyed).toBe(true);
  });

  test('lets other work have a turn while it reads a large archive', async () => {
    const one = tarFile({ type: 'file', name: 'a' });
    const archive = Buffer.concat(Array.from({ length: 100_000 }, () => one));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);

    await readTar(Readable.from([archive]), nothing);
    clearInterval(timer);

    expect(turns).toBeGreaterThan(3);
  });
});
