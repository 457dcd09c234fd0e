import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { digestHex, digestOf } from '../../src/shared/digest.js';
import { tarEnd, tarFile } from '../../src/shared/tar/tar-writer.js';

const created = '2026-01-01T00:00:00Z';
const mtime = BigInt(Date.parse(created)) * 1_000_000n;

export interface TinyImage {
  /** Uncompressed layer. */
  readonly layer: Buffer;
  /** Config blob. */
  readonly config: Buffer;
}

/**
 * An image of the distribution's static busybox: every applet as a hard link in /bin, users root and nobody.
 * The same bytes at every call, so its ID is the same, too. `extra` are files of a second kind, by path.
 */
export async function tinyImage(extra: Readonly<Record<string, string>> = {}): Promise<TinyImage> {
  const layer = await rootArchive(extra);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const config = {
    architecture,
    os: 'linux',
    created,
    config: {
      Cmd: ['sh'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    history: [{ created, created_by: 'busybox-static' }],
  };
  return { layer, config: Buffer.from(JSON.stringify(config)) };
}

/** Writes `busybox:latest` as `docker save` does and answers the path of the tar. */
export async function buildTinyImage(directory: string, tag = 'busybox:latest'): Promise<string> {
  const path = join(directory, 'tiny-image.tar');
  const { layer, config } = await tinyImage();
  const configName = `${digestHex(digestOf(config))}.json`;
  const layerName = `${digestHex(digestOf(layer))}/layer.tar`;
  const manifest = [{ Config: configName, RepoTags: [tag], Layers: [layerName] }];
  const file = createWriteStream(path);
  file.write(tarFile({ type: 'file', name: configName }, config));
  file.write(tarFile({ type: 'file', name: layerName }, layer));
  file.write(tarFile({ type: 'file', name: 'manifest.json' }, Buffer.from(JSON.stringify(manifest))));
  file.end(tarEnd);
  await finished(file);
  return path;
}

async function rootArchive(extra: Readonly<Record<string, string>>): Promise<Buffer> {
  const busybox = execFileSync('sh', ['-c', 'command -v busybox']).toString().trim();
  const applets = execFileSync(busybox, ['--list']).toString().trim().split('\n');
  const directories = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'usr/bin', 'var'];
  const files: Readonly<Record<string, string>> = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
    'etc/group': 'root:x:0:\nnobody:x:65534:\n',
    ...extra,
  };
  return Buffer.concat([
    ...directories.map((name) =>
      tarFile({ type: 'directory', name: `${name}/`, mode: name === 'tmp' ? 0o1777 : 0o755, mtime }),
    ),
    tarFile({ type: 'file', name: 'bin/busybox', mode: 0o755, mtime }, await readFile(busybox)),
    ...applets
      .filter((name) => name !== 'busybox')
      .map((name) =>
        tarFile({ type: 'hard-link', name: `bin/${name}`, linkName: 'bin/busybox', mode: 0o755, mtime }),
      ),
    tarFile({ type: 'symlink', name: 'usr/bin/env', linkName: '/bin/busybox', mtime }),
    ...Object.entries(files).map(([name, content]) =>
      tarFile({ type: 'file', name, mtime }, Buffer.from(content)),
    ),
    tarEnd,
  ]);
}
