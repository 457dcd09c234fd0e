import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureRow } from '../../../bench/measure.mjs';
import { saveResults, toMarkdown } from '../../../bench/report.mjs';
import { summarise } from '../../../bench/statistics.mjs';

const report = {
  environment: { date: '2026-01-02T03:04:05Z', kernel: '6.1' },
  results: [
    {
      name: 'run',
      title: '`docker run`',
      unit: 'ms',
      ours: summarise([80.123, 81, 90]),
      theirs: summarise([240, 250, 260.4]),
      ratio: 0.3333,
    },
  ],
};

test('toMarkdown() prints medians, quartiles and the ratio, and what the figures depend on', () => {
  const text = toMarkdown(report);

  expect(text).toContain('- kernel: 6.1');
  expect(text).toContain('| `docker run` | ms | 81 [80.6..85.5] | 250 [245..255] | **0.33** | 3 |');
});

test('toMarkdown() has podman beside them where it was measured', () => {
  const [row] = report.results;
  const text = toMarkdown({
    ...report,
    results: row
      ? [
          { ...row, podman: { ...summarise([160, 162]), ratio: 0.5 } },
          { ...row, title: 'alone' },
        ]
      : [],
  });

  expect(text).toContain('| **0.33** | 3 | 161 [161..162] | **0.50** |');
  expect(text).toContain('| **0.33** | 3 | | |');
});

test('saveResults() writes JSON under the date of the run', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-bench-'));

  const path = await saveResults(report, join(directory, 'results'));

  expect(path).toMatch(/2026-01-02T03-04-05Z\.json$/);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(report);
  await rm(directory, { recursive: true });
});

describe('measureRow()', () => {
  function recorded(order: string[], fail = false) {
    const take = (side: string, value: number) => async () => {
      order.push(side);
      if (fail && order.length === 4) throw new Error('broken');
      return value;
    };
    return {
      name: 'row',
      title: 'Row',
      unit: 'ms',
      rounds: 2,
      begin: async () => ({
        ours: take('A', 1),
        theirs: take('B', 4),
        end: async () => {
          order.push('end');
        },
      }),
    };
  }

  test('takes ours and theirs in turn after a warm-up, and clears up', async () => {
    const order: string[] = [];

    const result = await measureRow(recorded(order), {}, 2);

    expect(order).toEqual(['A', 'B', 'A', 'B', 'A', 'B', 'end']);
    expect(result).toMatchObject({ ratio: 0.25, samples: { ours: [1, 1], theirs: [4, 4] } });
  });

  test('clears up when a sample fails', async () => {
    const order: string[] = [];

    await expect(measureRow(recorded(order, true), {}, 2)).rejects.toThrow('broken');
    expect(order.at(-1)).toBe('end');
  });
});
