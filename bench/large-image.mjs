/** An image of ten layers, about 400 MB, as a tar that `docker load` reads; and many small ones in one tar. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarMember } from './image.mjs';

export const largeImage = '127.0.0.1:5000/bench/large:1';

let made;

/** Made once for all rows that need it, and removed when the process ends. */
export function largeImageArchive() {
  made ??= writeLargeImage();
  return made;
}

/** Sends an archive to an engine. */
export async function loadArchive(engine, { path, size }) {
  const body = createReadStream(path, { highWaterMark: 1 << 20 });
  await engine.client.drain('POST', '/images/load?quiet=1', {
    ...{ body, contentType: 'application/x-tar', length: size },
  });
}

export async function removeImage(engine, name) {
  await engine.client.send('DELETE', `/images/${name}?force=1`).catch((error) => {
    if (!/404/.test(error.message)) throw error;
  });
}

/** Images that differ in their configs only, upon one layer. */
export function manyImages(count) {
  const layer = Buffer.concat([tarMember('file', Buffer.from('x')), Buffer.alloc(1024)]);
  const configs = Array.from({ length: count }, (_, n) =>
    configOf([digestOf(layer)], { Labels: { n: `${n}` } }),
  );
  const manifest = configs.map((_, n) => ({
    ...{ Config: `${n}.json`, RepoTags: [`many:${n}`], Layers: ['layer.tar'] },
  }));
  return Buffer.concat([
    tarMember('layer.tar', layer),
    ...configs.map((config, n) => tarMember(`${n}.json`, config)),
    tarMember('manifest.json', Buffer.from(JSON.stringify(manifest))),
    Buffer.alloc(1024),
  ]);
}

async function writeLargeImage() {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-bench-large-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'image.tar');
  const file = await open(path, 'w');
  try {
    const digests = [];
    for (let n = 0; n < 10; n++) {
      const layer = makeLayer(n);
      digests.push(digestOf(layer));
      await file.appendFile(tarMember(`${n}.tar`, layer));
    }
    const names = digests.map((_, n) => `${n}.tar`);
    const manifest = [{ Config: 'config.json', RepoTags: [largeImage], Layers: names }];
    await file.appendFile(tarMember('config.json', configOf(digests, {})));
    await file.appendFile(tarMember('manifest.json', Buffer.from(JSON.stringify(manifest))));
    await file.appendFile(Buffer.alloc(1024));
    return { path, size: (await file.stat()).size };
  } finally {
    await file.close();
  }
}

/** 40 MB in files of four sizes; half of each is random, so that it shrinks to half, as programs do. */
function makeLayer(n) {
  const members = [];
  for (let size = 0, file = 0; size < 40e6; file++) {
    const length = [4_000, 40_000, 400_000, 4_000_000][file % 4];
    const content = Buffer.alloc(length, `text of file ${file} of layer ${n}\n`);
    randomBytes(length / 2).copy(content);
    members.push(tarMember(`layer${n}/file${file}`, content));
    size += length;
  }
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

function configOf(digests, config) {
  return Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: digests },
      history: digests.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'bench' })),
    }),
  );
}

function digestOf(content) {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
