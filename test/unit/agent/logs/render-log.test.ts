import { appendFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RenderLogOptions, renderLog } from '../../../../src/agent/logs/render-log.js';
import { rotateLog } from '../../../../src/agent/logs/rotate-log.js';
import { FrameDecoder } from '../../../../src/api/multiplex.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-'));
  path = join(directory, 'log');
});
afterEach(() => rm(directory, { recursive: true }));

const line = (second: number, text: string, { stream = 'stdout', tag = 'F', zone = '+00:00' } = {}) =>
  `2026-11-23T20:54:${String(second).padStart(2, '0')}.000000007${zone} ${stream} ${tag} ${text}\n`;
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(0, `${from + index}`)).join('');
const plain = { stdout: true, stderr: true, multiplexed: false, timestamps: false };

async function render(options: Partial<RenderLogOptions> = {}): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of renderLog(path, { ...plain, ...options })) pieces.push(piece);
  return Buffer.concat(pieces);
}
const text = async (options: Partial<RenderLogOptions> = {}) => (await render(options)).toString();
const numbers = async (options: Partial<RenderLogOptions> = {}) =>
  (await text(options)).trim().split('\n').map(Number);
const rotate = (options = { maxFiles: 3, compress: false }) =>
  rotateLog(path, { ...options, reopen: () => writeFile(path, '') });

describe('renderLog()', () => {
  test('frames every entry with its stream; a piece of a line has no newline', async () => {
    await writeFile(
      path,
      line(1, 'out') + line(2, 'piece', { stream: 'stderr', tag: 'P' }) + line(2, '', { stream: 'stderr' }),
    );

    const frames = [...new FrameDecoder().push(await render({ multiplexed: true }))];

    expect(frames.map(({ stream, payload }) => [stream, payload.toString()])).toEqual([
      ['stdout', 'out\n'],
      ['stderr', 'piece'],
      ['stderr', '\n'],
    ]);
  });

  test('puts times in UTC and details before the text', async () => {
    await writeFile(path, line(1, 'a') + line(2, 'b', { zone: '+01:00' }));

    expect(await text({ timestamps: true, details: 'k=v ' })).toBe(
      '2026-11-23T20:54:01.000000007Z k=v a\n2026-11-23T19:54:02.000000007Z k=v b\n',
    );
  });

  test('chooses streams and times', async () => {
    const nanos = (second: number) => BigInt(Date.UTC(2026, 10, 23, 20, 54, second)) * 1_000_000n + 7n;
    await writeFile(
      path,
      [1, 2, 3, 4].map((n) => line(n, `${n}`, { stream: n % 2 ? 'stdout' : 'stderr' })).join(''),
    );

    expect(await text({ stdout: false })).toBe('2\n4\n');
    expect(await text({ since: nanos(2), until: nanos(3) })).toBe('2\n3\n');
  });

  test('leaves out what is no line of a log', async () => {
    await writeFile(path, `${line(1, 'a')}garbage\n\n${line(2, '')}`);

    expect(await text()).toBe('a\n\n');
  });
});

describe.each([false, true])('a rotated log, compressed: %s', (compress) => {
  beforeEach(async () => {
    for (const start of [0, 100, 200]) {
      await writeFile(path, lines(start, start + 100));
      await rotate({ maxFiles: 4, compress });
    }
    await appendFile(path, lines(300, 350));
  });

  test('is read from its oldest file to its newest', async () => {
    expect(await numbers()).toEqual(Array.from({ length: 350 }, (_, index) => index));
  });

  test.each([1, 50, 51, 150, 349, 1000])('tail %i counts across its files', async (tail) => {
    const count = Math.min(tail, 350);
    expect(await numbers({ tail })).toEqual(Array.from({ length: count }, (_, index) => 350 - count + index));
  });

  test('keeps so many files', async () => {
    await rotate({ maxFiles: 2, compress });

    expect((await readdir(directory)).sort()).toEqual(['log', compress ? 'log.1.gz' : 'log.1']);
  });
});

test('following goes on in the files that take its place, without a gap', async () => {
  await writeFile(path, lines(0, 10));
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const piece of renderLog(path, { ...plain, follow: true, ended })) {
      seen.push(...piece.toString().trim().split('\n').map(Number));
      if (seen.at(-1) === 9) {
        await rename(path, `${path}.1`); // the writer still has it open
        await appendFile(`${path}.1`, lines(10, 20));
        await writeFile(path, lines(20, 30));
      }
      if (seen.at(-1) === 29) {
        await rotate();
        await appendFile(path, lines(30, 40));
      }
      if (seen.at(-1) === 39) end();
    }
  })();
  await reading;

  expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index));
});

test.each([false, true])(
  'a slow follower misses no file that was put aside meanwhile, compressed: %s',
  async (compress) => {
    await writeFile(path, lines(0, 10));
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const seen: number[] = [];
    for await (const piece of renderLog(path, { ...plain, follow: true, ended })) {
      seen.push(...piece.toString().trim().split('\n').map(Number));
      if (seen.at(-1) === 9) {
        for (const start of [10, 20, 30]) {
          await rotate({ maxFiles: 5, compress });
          await delay(2); // files of a log are not written in the same millisecond
          await appendFile(path, lines(start, start + 10));
        }
      }
      if (seen.at(-1) === 39) end();
    }

    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index));
  },
);

test('a log of one file only is begun anew', async () => {
  await writeFile(path, lines(0, 10));

  await rotate({ maxFiles: 1, compress: false });

  expect(await readdir(directory)).toEqual(['log']);
  expect(await readFile(path, 'utf8')).toBe('');
});
