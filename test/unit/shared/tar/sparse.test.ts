import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { formatPax } from '../../../../src/shared/tar/pax.js';
import { tarEntries } from '../../../../src/shared/tar/tar-entries.js';
import { checksum } from '../../../../src/shared/tar/tar-header.js';
import { TarParser } from '../../../../src/shared/tar/tar-parser.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

interface Read {
  readonly name: string;
  readonly size: number;
  readonly content: Buffer;
  readonly holes: number;
}

function parse(archive: Buffer, pieceSize = archive.length): Read[] {
  const found: { name: string; size: number; pieces: Buffer[]; holes: number }[] = [];
  const add = (bytes: Buffer, hole: number): void => {
    const last = found.at(-1);
    if (!last) throw new Error('content before an entry');
    last.pieces.push(bytes);
    last.holes += hole;
  };
  const parser = new TarParser({
    begin: ({ name, size }) => found.push({ name, size, pieces: [], holes: 0 }),
    data: (chunk) => add(chunk, 0),
    hole: (length) => add(Buffer.alloc(length), length),
    end: () => {},
  });
  for (let at = 0; at < archive.length; at += pieceSize) parser.write(archive.subarray(at, at + pieceSize));
  parser.close();
  return found.map(({ pieces, ...rest }) => ({ ...rest, content: Buffer.concat(pieces) }));
}

/** Blocks of data at `offsets`, in a file of `size` bytes. */
function sparseFile(path: string, size: number, offsets: readonly number[]): void {
  const fd = openSync(path, 'wx');
  for (const offset of offsets) writeSync(fd, Buffer.alloc(4096, `at ${offset} `), 0, 4096, offset);
  ftruncateSync(fd, size);
  closeSync(fd);
}

const formats = [
  ['gnu', ['--format=gnu']],
  ['pax 0.0', ['--format=pax', '--sparse-version=0.0']],
  ['pax 0.1', ['--format=pax', '--sparse-version=0.1']],
  ['pax 1.0', ['--format=pax', '--sparse-version=1.0']],
] as const;

const long = 'a-long-name-'.repeat(15);
const files: Readonly<Record<string, readonly [size: number, offsets: readonly number[]]>> = {
  begin: [200_000, [0]],
  end: [204_096, [200_704]],
  fragments: [1_000_001, Array.from({ length: 60 }, (_, index) => index * 16_384)],
  hole: [3_000_000, []],
  [long]: [100_000, [40_960, 81_920]],
  odd: [100_010, [8_192, 98_304]],
};

describe.each(formats)('sparse files of GNU tar, %s', (_, format) => {
  test.each([13, 700, 32_768, 10_000_000])('are read in pieces of %i bytes', async (pieceSize) => {
    await using dir = await temporaryDirectory();
    for (const [name, [size, offsets]] of Object.entries(files))
      sparseFile(`${dir.path}/${name}`, size, offsets);
    writeFileSync(`${dir.path}/plain`, 'plain');
    const names = [...Object.keys(files), 'plain'];
    const argv = ['-c', '--sparse', '--hole-detection=raw', ...format, '-C', dir.path, ...names];
    const archive = execFileSync('tar', argv);

    const found = parse(archive, pieceSize);

    expect(archive.length).toBeLessThan(600_000);
    expect(found.map(({ name }) => name)).toEqual(names);
    for (const { name, size, content, holes } of found) {
      const expected = readFileSync(`${dir.path}/${name}`);
      expect(size).toBe(expected.length);
      expect(content.equals(expected)).toBe(true);
      if (name !== 'plain') expect(holes).toBeGreaterThan(0);
    }
  });

  test('are read one by one, with zeros for holes', async () => {
    await using dir = await temporaryDirectory();
    sparseFile(`${dir.path}/file`, 300_000, [4096, 200_704]);
    const argv = ['-c', '--sparse', '--hole-detection=raw', ...format, '-C', dir.path, 'file'];
    const archive = execFileSync('tar', argv);

    for await (const { entry, content } of tarEntries(Readable.from([archive]))) {
      expect(entry.size).toBe(300_000);
      expect((await buffer(content)).equals(readFileSync(`${dir.path}/file`))).toBe(true);
    }
  });

  test('are refused when the archive is cut off', async () => {
    await using dir = await temporaryDirectory();
    sparseFile(`${dir.path}/file`, 1_000_000, files['fragments']?.[1] ?? []);
    const argv = ['-c', '--sparse', '--hole-detection=raw', ...format, '-C', dir.path, 'file'];
    const archive = execFileSync('tar', argv);

    for (let length = 512; length < archive.length - 10_240; length += length < 16_384 ? 512 : 16_384) {
      expect(() => parse(archive.subarray(0, length))).toThrow('unexpected end of archive');
    }
  });

  test.each([
    ['of exabytes', 2 ** 53 - 4096],
    ['of terabytes', 9 * 2 ** 40],
  ])('with holes %s are refused', (_size, size) => {
    const map = sparse(size, [[size - 512, 512]], format);

    expect(() => parse(map)).toThrow(
      `sparse files with holes of ${size - 512} bytes, of which 8796093022208`,
    );
  });

  test.each<readonly [string, Runs, RegExp]>([
    [
      'overlap',
      [
        [0, 512],
        [511, 1],
      ],
      /overlap or are out of order/,
    ],
    [
      'are out of order',
      [
        [1024, 256],
        [0, 256],
      ],
      /overlap or are out of order/,
    ],
    ['reach beyond the size', [[4000, 512]], /beyond the file's 4096 bytes/],
    [
      'begin beyond the size',
      [
        [5000, 0],
        [0, 512],
      ],
      /beyond the file's 4096 bytes/,
    ],
    ['are negative', [[-512, 512]], /negative number|damaged number/],
    ['have a negative length', [[512, -512]], /negative number|damaged number/],
    ['are longer than the content', [[0, 1024]], /sparse map of 1024 bytes for 512 bytes/],
    ['are shorter than the content', [[0, 500]], /sparse map of 500 bytes for 512 bytes/],
  ])('whose runs %s are refused', (_case, runs, message) => {
    expect(() => parse(sparse(4096, runs, format))).toThrow(message);
  });
});

test.each([
  ['a number that is none', '1\nx\n512\n', /damaged number/],
  ['a line without end', '1'.repeat(512), /damaged sparse map/],
  ['more runs than there is content', `99\n${'0\n0\n'.repeat(10)}`.padEnd(512, '\n'), /damaged number/],
  ['a map that goes on behind the content', `9999\n${'0\n0\n'.repeat(126)}000`, /beyond the content/],
])('a map of format 1.0 with %s is refused', (_, map, message) => {
  const records = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '4096' };
  const content = Buffer.from(map.padEnd(512, '\0'));

  expect(() => parse(member(records, content))).toThrow(message);
});

test('a map that would fill the memory is refused', () => {
  const records = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '4096' };

  expect(() => parse(member(records, Buffer.from(`9999999\n${'0\n'.repeat(2 ** 20)}`)))).toThrow(
    'sparse map is too large',
  );
});

test.each([
  [
    { 'GNU.sparse.major': '2', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '1' },
    /unknown sparse format 2\.0/,
  ],
  [{ 'GNU.sparse.map': '0,512' }, /without a size/],
  [{ 'GNU.sparse.size': '4096', 'GNU.sparse.map': '0' }, /an offset but no length/],
  [
    { 'GNU.sparse.size': '4096', 'GNU.sparse.numblocks': '2', 'GNU.sparse.map': '0,512' },
    /of another length/,
  ],
  [{ 'GNU.sparse.size': '4096', 'GNU.sparse.numbytes': '512' }, /GNU\.sparse\.numbytes out of order/],
])('the records %j are refused', (records, message) => {
  expect(() => parse(member(records, Buffer.alloc(512)))).toThrow(message);
});

test('a sparse map in a global header is refused', () => {
  const archive = member({ 'GNU.sparse.size': '4096' }, Buffer.alloc(512));
  retype(archive, 'g');

  expect(() => parse(archive)).toThrow('GNU.sparse.size in a global header');
});

test('a handler that knows no holes gets zeros, and no more than a gigabyte', () => {
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
  };
  const handler = { begin() {}, data: count, end() {} };

  new TarParser(handler).write(sparse(1_000_000, [[500_000, 512]], formats[0][1]));

  expect(bytes).toBe(1_000_000);
  const large = sparse(2 ** 31, [[0, 512]], formats[0][1]);
  expect(() => new TarParser(handler).write(large)).toThrow('of which 1073741824 are let in');
});

type Runs = readonly (readonly [offset: number, length: number])[];

/** 512 bytes of a file in one of the formats, with any map. */
function sparse(size: number, runs: Runs, [format, version]: readonly string[]): Buffer {
  const content = Buffer.alloc(512, 'x');
  if (format === '--format=gnu') return oldGnu(size, runs, content);
  if (version?.endsWith('1.0')) {
    const records = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': String(size) };
    const map = Buffer.alloc(512);
    map.write([runs.length, ...runs.flat()].map((number) => `${number}\n`).join(''));
    return member(records, Buffer.concat([map, content]));
  }
  const head = { 'GNU.sparse.size': String(size), 'GNU.sparse.numblocks': String(runs.length) };
  if (version?.endsWith('0.1')) return member({ ...head, 'GNU.sparse.map': runs.flat().join(',') }, content);
  const repeated = runs.map(([offset, length]) =>
    pax({ 'GNU.sparse.offset': String(offset), 'GNU.sparse.numbytes': String(length) }),
  );
  return member(head, content, Buffer.concat(repeated));
}

function oldGnu(size: number, runs: Runs, content: Buffer): Buffer {
  const archive = Buffer.concat([tarFile({ type: 'file', name: 'file' }, content), tarEnd]);
  archive.write('ustar  \0', 257, 'latin1');
  for (const [index, numbers] of runs.entries()) {
    writeBinary(archive, 386 + index * 24, numbers[0]);
    writeBinary(archive, 398 + index * 24, numbers[1]);
  }
  writeBinary(archive, 483, size);
  retype(archive, 'S');
  return archive;
}

/** GNU's form for numbers that octal digits cannot hold. */
function writeBinary(archive: Buffer, at: number, value: number): void {
  archive.fill(value < 0 ? 0xff : 0, at, at + 4);
  archive.writeBigInt64BE(BigInt(value), at + 4);
  archive[at] = value < 0 ? 0xff : 0x80;
}

function member(records: Record<string, string>, content: Buffer, more: Buffer = Buffer.alloc(0)): Buffer {
  const header = tarFile({ type: 'file', name: 'pax' }, Buffer.concat([pax(records), more]));
  retype(header, 'x');
  return Buffer.concat([header, tarFile({ type: 'file', name: 'file' }, content), tarEnd]);
}

function pax(records: Record<string, string>): Buffer {
  return formatPax(new Map(Object.entries(records).map(([keyword, value]) => [keyword, Buffer.from(value)])));
}

function retype(archive: Buffer, typeFlag: string): void {
  archive.write(typeFlag, 156, 'latin1');
  archive.write(checksum(archive, 0).unsigned.toString(8).padStart(6, '0'), 148, 'latin1');
}
