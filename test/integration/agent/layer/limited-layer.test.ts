import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { closeLimitedSpace } from '../../../../src/agent/quota/limited-space.js';
import { run } from '../../../../src/shared/spawn.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

let dir: Awaited<ReturnType<typeof temporaryDirectory>>;
let store: OverlayLayerStore;

beforeEach(async () => {
  dir = await temporaryDirectory();
  store = new OverlayLayerStore({ root: dir.path });
});
afterEach(async () => {
  await store.discard('c1');
  await dir[Symbol.asyncDispose]();
});

const loops = async () => (await run(['losetup', '--list', '--noheadings', '-O', 'BACK-FILE'])).stdout;

test('a writable layer of limited size is full where it should be, and its loop device goes with it', async () => {
  await store.prepare('c1', undefined, { limit: 16 * 2 ** 20 });
  const root = await store.mount('c1');

  writeFileSync(`${root}/small`, Buffer.alloc(2 ** 20));
  expect(() => writeFileSync(`${root}/large`, Buffer.alloc(20 * 2 ** 20))).toThrow(/ENOSPC/);
  expect(await store.usage('c1')).toBeGreaterThanOrEqual(2 ** 20);
  expect((await store.changes('c1')).map(({ path }) => path)).toEqual(['large', 'small']);
  expect(await loops()).toContain(dir.path);

  await store.discard('c1');
  expect(await loops()).not.toContain(dir.path);
  expect(existsSync(`${dir.path}/overlay2/c1`)).toBe(false);
});

test('its files and its limit are there again after a reboot', async () => {
  await store.prepare('c1', undefined, { limit: 16 * 2 ** 20 });
  writeFileSync(`${await store.mount('c1')}/kept`, 'text');
  await store.unmount('c1');
  closeLimitedSpace(`${dir.path}/overlay2/c1`);

  store = new OverlayLayerStore({ root: dir.path });
  await store.recover(new Set(['c1']));
  const root = await store.mount('c1');

  expect(readFileSync(`${root}/kept`, 'utf8')).toBe('text');
  expect(() => writeFileSync(`${root}/large`, Buffer.alloc(20 * 2 ** 20))).toThrow(/ENOSPC/);
});

test('nothing is left where the host cannot give the limit', async () => {
  await expect(store.prepare('c1', undefined, { limit: 4096 })).rejects.toThrow(
    '--storage-opt is supported only for',
  );

  expect(existsSync(`${dir.path}/overlay2/c1`)).toBe(false);
  await store.prepare('c1', undefined);
});

test('a layer of an agent that was killed goes with its loop device', async () => {
  await store.prepare('c1', undefined, { limit: 16 * 2 ** 20 });
  await store.mount('c1');

  await new OverlayLayerStore({ root: dir.path }).recover(new Set());

  expect(await loops()).not.toContain(dir.path);
  expect(existsSync(`${dir.path}/overlay2/c1`)).toBe(false);
});
