import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type ReadLogOptions, readLog } from '../../../../src/agent/logs/read-log.js';

const both = { stdout: true, stderr: true };
let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-'));
  path = join(directory, 'log');
});
afterEach(() => rm(directory, { recursive: true }));

const line = (second: number, text: string, stream = 'stdout', tag = 'F') =>
  `2026-11-23T20:54:${String(second).padStart(2, '0')}.000000007+00:00 ${stream} ${tag} ${text}\n`;
const nanos = (second: number) => BigInt(Date.UTC(2026, 10, 23, 20, 54, second)) * 1_000_000n + 7n;

async function texts(options: Partial<ReadLogOptions> = {}): Promise<string[]> {
  const all: string[] = [];
  for await (const { payload } of readLog(path, { ...both, ...options })) all.push(payload.toString());
  return all;
}

describe('readLog()', () => {
  test('answers stream, time and payload; a piece of a line has no newline', async () => {
    await writeFile(path, line(1, 'out') + line(2, 'piece', 'stderr', 'P') + line(2, '', 'stderr'));
    const entries = [];
    for await (const entry of readLog(path, both))
      entries.push({ ...entry, payload: entry.payload.toString() });
    expect(entries).toEqual([
      { stream: 'stdout', time: nanos(1), payload: 'out\n' },
      { stream: 'stderr', time: nanos(2), payload: 'piece' },
      { stream: 'stderr', time: nanos(2), payload: '\n' },
    ]);
  });

  test('honours the offset of the time', async () => {
    await writeFile(path, '2026-11-23T21:54:01.000000007+01:00 stdout F x\n');
    for await (const { time } of readLog(path, both)) expect(time).toBe(nanos(1));
  });

  test('chooses streams and times', async () => {
    await writeFile(path, [1, 2, 3, 4].map((n) => line(n, `${n}`, n % 2 ? 'stdout' : 'stderr')).join(''));
    expect(await texts({ stdout: false })).toEqual(['2\n', '4\n']);
    expect(await texts({ since: nanos(2), until: nanos(3) })).toEqual(['2\n', '3\n']);
  });

  test('tail counts whole lines, and an unfinished one at the end as one', async () => {
    await writeFile(
      path,
      line(1, 'a') +
        line(2, 'b1', 'stdout', 'P') +
        line(2, 'b2') +
        line(3, 'c') +
        line(4, 'd', 'stdout', 'P'),
    );
    expect(await texts({ tail: 0 })).toEqual([]);
    expect(await texts({ tail: 1 })).toEqual(['d']);
    expect(await texts({ tail: 3 })).toEqual(['b1', 'b2\n', 'c\n', 'd']);
    expect(await texts({ tail: 9 })).toHaveLength(5);
  });

  test('tail answers the end of what all answers, whatever the lengths', async () => {
    const lengths = fc.array(fc.nat({ max: 40_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.nat({ max: 14 }), async (sizes, tail) => {
        await writeFile(path, sizes.map((size, index) => line(index, 'x'.repeat(size))).join(''));
        expect(await texts({ tail })).toEqual(tail === 0 ? [] : (await texts()).slice(-tail));
      }),
      { numRuns: 50 },
    );
  });

  test('is empty for no file, and skips what is no log line', async () => {
    expect(await texts()).toEqual([]);
    await writeFile(path, `garbage\n${line(1, 'good')}cut off`);
    expect(await texts()).toEqual(['good\n']);
  });

  test('follow goes on until the end, also with a line that arrives in two writes', async () => {
    await writeFile(path, line(1, 'old'));
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    for await (const { payload } of readLog(path, { ...both, follow: true, ended })) {
      seen.push(payload.toString());
      if (seen.length === 1) {
        const text = line(2, 'new');
        await appendFile(path, text.slice(0, 20));
        setTimeout(() => void appendFile(path, text.slice(20)), 20);
      }
      if (seen.length === 2) {
        await appendFile(path, line(3, 'last'));
        resolve();
      }
    }
    expect(seen).toEqual(['old\n', 'new\n', 'last\n']);
  });

  test('follow ends on abort', async () => {
    await writeFile(path, line(1, 'old'));
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { payload } of readLog(path, { ...both, follow: true, signal: stop.signal })) {
      seen.push(payload.toString());
      stop.abort();
    }
    expect(seen).toEqual(['old\n']);
  });

  test('follow that starts after the end reads all', async () => {
    await writeFile(path, line(1, 'a') + line(2, 'b'));
    expect(await texts({ follow: true, ended: Promise.resolve(), tail: 1 })).toEqual(['b\n']);
  });
});
