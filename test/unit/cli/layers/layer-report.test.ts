import type { LayerEntry } from '../../../../src/api/image-layers.js';
import { layerTrees } from '../../../../src/cli/layers/html/layer-tree.js';
import { layersPage } from '../../../../src/cli/layers/html/layers-page.js';
import type { ImageContent } from '../../../../src/cli/layers/image-content.js';
import { instructionOf } from '../../../../src/cli/layers/instruction.js';
import { reportLayers } from '../../../../src/cli/layers/layer-report.js';
import { layerTable } from '../../../../src/cli/layers/layer-table.js';

const plain = { mode: 0o644, uid: 0, gid: 0, size: 0 };
const file = (path: string, size: number): LayerEntry => ({ ...plain, path, type: 'file', size });
const directory = (path: string, mode = 0o755): LayerEntry => ({ ...plain, path, type: 'directory', mode });
const link = (path: string, target: string): LayerEntry => ({
  ...plain,
  path,
  type: 'hard-link',
  link: target,
});

let count = 0;
function image(name: string, ...layers: readonly (readonly LayerEntry[])[]): ImageContent {
  const contents = layers.map((entries) => ({
    ...{ diffId: `sha256:${String(count++).padStart(64, '0')}`, comment: '' },
    ...{ createdBy: `/bin/sh -c make ${name}`, entries },
  }));
  return { name, id: `sha256:${name}`, layers: contents };
}

function report(...layers: readonly (readonly LayerEntry[])[]) {
  const [only] = reportLayers([image('app', ...layers)]);
  if (!only) throw new Error('no report');
  return only;
}

test('tells what a layer adds, changes and deletes, and what it makes useless', () => {
  const { layers, waste, size, wasted } = report(
    [
      directory('etc/'),
      file('etc/a', 100),
      file('etc/b', 30),
      directory('big'),
      file('big/1', 500),
      file('big/2', 7),
    ],
    [directory('etc'), file('etc/a', 120), file('.wh.big', 0), file('new', 1)],
  );

  expect(layers[0]).toMatchObject({ size: 637, wasted: 607, added: { count: 6, bytes: 637 } });
  expect(layers[1]).toMatchObject({
    ...{ size: 121, wasted: 0, added: { count: 1, bytes: 1 }, changed: { count: 1, bytes: 120 } },
    deleted: { count: 3, bytes: 507 },
    instruction: 'RUN make app',
  });
  expect(layers[1]?.files).toContainEqual({ kind: 'deleted', path: '/big/1', size: 500 });
  expect(waste[0]).toEqual({ path: '/big/1', size: 500, layer: 1, by: 2 });
  expect({ size, wasted }).toEqual({ size: 758, wasted: 607 });
});

test('a directory counts only when its mode or owner is another', () => {
  const { layers } = report([directory('a')], [directory('a')], [directory('a', 0o700)]);

  expect(layers.map(({ changed }) => changed.count)).toEqual([0, 0, 1]);
});

test('an opaque directory deletes what is below it, and keeps what its own layer brings', () => {
  const { layers } = report(
    [file('d/old', 5), file('d/same', 6)],
    [directory('d'), file('d/same', 7), file('d/.wh..wh..opq', 0), file('d/new', 8)],
  );

  expect(layers[1]?.files).toEqual([
    { kind: 'added', path: '/d/new', size: 8 },
    { kind: 'deleted', path: '/d/old', size: 5 },
    { kind: 'changed', path: '/d/same', size: 7 },
  ]);
});

test('bytes are wasted when the last name of a file is gone', () => {
  const base = [file('a', 50), link('b', 'a')];

  expect(report(base, [file('.wh.a', 0)]).wasted).toBe(0);
  expect(report(base, [file('.wh.a', 0)], [file('.wh.b', 0)]).waste).toEqual([
    { path: '/a', size: 50, layer: 1, by: 3 },
  ]);
});

test('a file in place of a directory deletes what was in it; what one layer both makes and drops costs nothing', () => {
  const { layers, wasted } = report([file('x/y', 9)], [file('x', 2), file('z', 4), file('z', 3)]);

  expect(layers[1]?.files).toEqual([
    { kind: 'changed', path: '/x', size: 2 },
    { kind: 'deleted', path: '/x/y', size: 9 },
    { kind: 'added', path: '/z', size: 3 },
  ]);
  expect([layers[1]?.size, wasted]).toEqual([5, 9]);
});

describe('several images', () => {
  const base = image('base', [file('a', 10)]);
  const one: ImageContent = { ...image('one', [file('.wh.a', 0)]), name: 'one' };
  const images = [
    base,
    { ...one, layers: [...base.layers, ...one.layers] },
    image('else', [file('<b>&"x', 1)]),
  ];
  const reports = reportLayers(images);

  test('share the layers that stand upon the same layers', () => {
    expect(reports[0]?.layers[0]?.sharedWith).toEqual(['one']);
    expect(reports[1]?.layers.map(({ sharedWith }) => sharedWith)).toEqual([['base'], []]);
    expect(reports[2]?.layers[0]?.sharedWith).toEqual([]);
  });

  test('are one tree where they share; what is in use in one of them is not wasted', () => {
    const trees = layerTrees(reports);

    expect(trees).toHaveLength(2);
    expect(trees[0]?.tops.map(({ image: name }) => name)).toEqual(['base']);
    expect(trees[0]?.above[0]?.tops.map(({ image: name }) => name)).toEqual(['one']);
    expect([reports[1]?.layers[0]?.wasted, trees[0]?.layer.wasted]).toEqual([10, 0]);
  });

  test('make a page of its own: no script, nothing from elsewhere, names as text', async () => {
    const page = await layersPage(reports);

    expect(page).not.toMatch(/<script|https?:|src=|@import|url\((?!#)/);
    expect(page).not.toContain('<b>&"x');
    expect(page).toContain('/&#60;b&#62;&#38;&#34;x');
    for (const [, anchor] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${anchor}"`);
  });
});

test('the table has a row for each layer and the largest of what is wasted', () => {
  const text = layerTable(report([file('a', 1000)], [file('a', 2000)]), { files: true, noTruncation: false });

  expect(text).toMatch(/^app: 2 layers, 3kB, 1kB wasted \(33%\)\n\nLAYER/);
  expect(text).toMatch(/1kB +layer 1 +layer 2 +\/a\n/);
  expect(text).toContain('  C /a  2kB\n');
});

test.each([
  ['/bin/sh -c #(nop) COPY file:1 in / ', 'COPY file:1 in /'],
  ['|2 A=1 B=x /bin/sh -c apt-get update', 'RUN apt-get update'],
  ['RUN /bin/sh -c echo 1 # buildkit', 'RUN echo 1'],
  ['COPY . /app # buildkit', 'COPY . /app'],
])('history %j was written as %j', (createdBy, instruction) => {
  expect(instructionOf({ diffId: '', createdBy, comment: '' })).toBe(instruction);
});
