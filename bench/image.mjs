/** An image without a registry: Debian's static busybox, in the form that `docker load` reads. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.mjs';

let archive;

/** A tar of the image busybox:latest; made once. */
export function busyboxArchive() {
  archive ??= makeArchive();
  return archive;
}

/** A tar of one file of zeros. */
export function largeFile(name, size) {
  return Buffer.concat([tarMember(name, Buffer.alloc(size)), Buffer.alloc(1024)]);
}

/** A file in a tar: its header, its content and what fills the last block. */
export function tarMember(name, content) {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0ustar\x0000', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

async function makeArchive() {
  const work = await mkdtemp(join(tmpdir(), 'tsmachine-bench-image-'));
  try {
    await mkdir(join(work, 'root/bin'), { recursive: true });
    await mkdir(join(work, 'root/tmp'));
    await copyFile('/bin/busybox', join(work, 'root/bin/busybox'));
    for (const applet of ['sh', 'true', 'sleep', 'echo', 'cat', 'head', 'tr', 'yes']) {
      await symlink('busybox', join(work, 'root/bin', applet));
    }
    await mkdir(join(work, 'image'));
    await command([
      'tar',
      '--numeric-owner',
      '--owner=0',
      '--group=0',
      '-C',
      join(work, 'root'),
      '-cf',
      join(work, 'image/layer.tar'),
      '.',
    ]);
    await writeDescription(join(work, 'image'));
    await command(['tar', '-C', join(work, 'image'), '-cf', join(work, 'image.tar'), '.']);
    return await readFile(join(work, 'image.tar'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeDescription(directory) {
  const digest = createHash('sha256')
    .update(await readFile(join(directory, 'layer.tar')))
    .digest('hex');
  const config = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'busybox-static' }],
  };
  const manifest = [{ Config: 'config.json', RepoTags: ['busybox:latest'], Layers: ['layer.tar'] }];
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
}
