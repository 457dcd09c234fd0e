import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalVolumeStore } from '../../../../src/agent/volume/local-volume-store.js';

describe('LocalVolumeStore', () => {
  let root: string;
  let store: LocalVolumeStore;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tsmachine-volume-'));
    store = new LocalVolumeStore({ root });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  test('create() makes an empty directory and remembers the labels', async () => {
    const volume = await store.create({ name: 'db', labels: { tier: 'one' } });

    expect(volume).toMatchObject({ name: 'db', labels: { tier: 'one' }, anonymous: false });
    expect(volume.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await readdir(volume.path)).toEqual([]);
    expect((await stat(volume.path)).mode & 0o777).toBe(0o755);
    expect(await new LocalVolumeStore({ root }).get('db')).toEqual(volume);
  });

  test('create() answers the volume that is there, with its labels, also when asked twice at once', async () => {
    const [first, second] = await Promise.all([
      store.create({ name: 'db', labels: { by: 'first' } }),
      store.create({ name: 'db', labels: { by: 'second' } }),
    ]);

    expect(second).toEqual(first);
    expect(first?.labels).toEqual({ by: 'first' });
  });

  test('create() without a name makes an anonymous volume', async () => {
    const volume = await store.create({});

    expect(volume.name).toMatch(/^[0-9a-f]{64}$/);
    expect(volume.anonymous).toBe(true);
  });

  test('create() takes a name that was made up for an anonymous volume', async () => {
    const volume = await store.create({ name: 'made-up', anonymous: true, labels: { a: 'b' } });

    expect(volume).toMatchObject({ name: 'made-up', anonymous: true });
    expect(volume.labels).toEqual({ 'com.docker.volume.anonymous': '', a: 'b' });
  });

  test('remove() answers whether there was one', async () => {
    await store.create({ name: 'db' });

    expect(await Promise.all([store.remove('db'), store.remove('db')])).toEqual([true, false]);
  });

  test.each(['../up', '.hidden', 'a/b', '-x', '', 'ä2'])('create() refuses the name "%s"', async (name) => {
    await expect(store.create({ name })).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    });
    expect(await readdir(root)).toEqual([]);
  });

  test('create() refuses a name of one character', async () => {
    await expect(store.create({ name: 'a' })).rejects.toThrow(
      'create a: volume name is too short, names should be at least two alphanumeric characters',
    );
  });

  test.each(['gone', '../volumes', '.', 'x'.repeat(300)])('get() knows no volume "%s"', async (name) => {
    await expect(store.get(name)).rejects.toMatchObject({
      kind: 'not-found',
      code: 'VOLUME_NOT_FOUND',
      message: `get ${name}: no such volume`,
    });
  });

  test('list() answers all volumes by name and nothing else that lies there', async () => {
    await store.create({ name: 'two' });
    await store.create({ name: 'one' });
    await mkdir(join(root, 'lost+found'));
    await writeFile(join(root, 'notes'), '');

    expect((await store.list()).map((volume) => volume.name)).toEqual(['one', 'two']);
  });

  test('remove() removes the content, and succeeds again', async () => {
    const volume = await store.create({ name: 'db' });
    await writeFile(join(volume.path, 'file'), 'x');

    await store.remove('db');
    await store.remove('db');
    await store.remove('../db');

    expect(await readdir(root)).toEqual([]);
  });

  test('what a crash left half-made is invisible and swept at the next start', async () => {
    await store.create({ name: 'db' });
    await mkdir(join(root, '.0123456789ab/_data'), { recursive: true });

    const again = new LocalVolumeStore({ root });

    expect((await again.list()).map((volume) => volume.name)).toEqual(['db']);
    expect(await readdir(root)).toEqual(['db']);
  });
});
