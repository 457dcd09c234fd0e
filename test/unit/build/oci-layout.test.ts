import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLocalCaches } from '../../../src/build/cache/local-caches.js';
import { OciLayout } from '../../../src/build/cache/oci-layout.js';
import { digestOf } from '../../../src/shared/digest.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const manifest = (text: string) => ({
  mediaType: 'application/json',
  digest: digestOf(text),
  size: text.length,
});

test('a blob is there when it is committed, and else not at all', async () => {
  await using dir = await temporaryDirectory();
  const layout = new OciLayout(join(dir.path, 'cache'));
  {
    await using writer = await layout.write();
    await writer.append(Buffer.from('one'));
    await writer.append(Buffer.from('two'));
    expect(writer.digest()).toBe(digestOf('onetwo'));
    await writer.commit();
    await using cut = await layout.write();
    await cut.append(Buffer.from('cut off'));
  }

  expect(await layout.size(digestOf('onetwo'))).toBe(6);
  expect(await layout.size(digestOf('cut off'))).toBeUndefined();
  const read: Buffer[] = [];
  for await (const chunk of layout.read(digestOf('onetwo'), 3)) read.push(chunk);
  expect(Buffer.concat(read).toString()).toBe('two');
  expect(await readdir(join(dir.path, 'cache/ingest'))).toEqual([]);
});

test('a name is of one manifest, and what others have noted stays', async () => {
  await using dir = await temporaryDirectory();
  const layout = new OciLayout(dir.path);
  await layout.name(manifest('old'), 'latest');
  await layout.name(manifest('other'), 'other');
  await layout.name(manifest('new'), 'latest');

  expect((await layout.find('latest'))?.digest).toBe(digestOf('new'));
  expect((await layout.find('other'))?.digest).toBe(digestOf('other'));
  expect(await layout.find('nosuch')).toBeUndefined();
  const index = JSON.parse(await readFile(join(dir.path, 'index.json'), 'utf8'));
  expect(index.manifests).toHaveLength(2);
  expect(JSON.parse(await readFile(join(dir.path, 'oci-layout'), 'utf8'))).toEqual({
    imageLayoutVersion: '1.0.0',
  });
});

test('an index that is none is refused by name', async () => {
  await using dir = await temporaryDirectory();
  await mkdir(join(dir.path, 'cache'));
  await writeFile(join(dir.path, 'cache/index.json'), '[');
  const entries = [{ type: 'local', attributes: { src: join(dir.path, 'cache') } }];

  await expect(openLocalCaches(entries, [])).rejects.toThrow(`${dir.path}/cache has an index.json`);
});

test('the engine is told the digest of a cache; one that is not there is left out', async () => {
  await using dir = await temporaryDirectory();
  await new OciLayout(dir.path).name(manifest('cache'), 'branch');
  const registry = { type: 'registry', attributes: { ref: 'a/b' } };
  const local = (attributes: Record<string, string>) => ({ type: 'local', attributes });

  const caches = await openLocalCaches(
    [local({ src: '/nowhere' }), registry, local({ src: dir.path, tag: 'branch' })],
    [local({ dest: dir.path })],
  );

  expect(caches.from).toEqual([registry, local({ src: dir.path, tag: 'branch', digest: digestOf('cache') })]);
  expect(caches.missing).toEqual(['/nowhere']);
  await caches.keep(new Map([['cache.manifest', JSON.stringify(manifest('next'))]]));
  expect((await new OciLayout(dir.path).find('latest'))?.digest).toBe(digestOf('next'));
  await expect(openLocalCaches([local({})], [])).rejects.toThrow('requires src');
  await expect(openLocalCaches([], [local({})])).rejects.toThrow('requires dest');
});
