import { execFileSync } from 'node:child_process';
import { closeSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { digestHex, digestOf } from '../../../../src/shared/digest.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

/** A file of 256 MiB with data at 100 places, and one that is a hole. */
function writeFiles(directory: string): void {
  const fd = openSync(`${directory}/fragments`, 'wx');
  for (let index = 0; index < 100; index++) writeSync(fd, `at ${index}`, index * 1_000_000);
  closeSync(fd);
  truncateSync(`${directory}/fragments`, 2 ** 28);
  closeSync(openSync(`${directory}/hole`, 'wx'));
  truncateSync(`${directory}/hole`, 2 ** 28);
}

test.each([
  ['gnu', '1.0'],
  ['pax', '0.0'],
  ['pax', '0.1'],
  ['pax', '1.0'],
])(
  'a layer with sparse files (%s, %s) has their holes, and its archive is made again byte by byte',
  async (format, version) => {
    await using dir = await temporaryDirectory();
    writeFiles(dir.path);
    const options = ['--sparse', `--format=${format}`, `--sparse-version=${version}`];
    const archive = execFileSync('tar', ['-c', ...options, '-C', dir.path, 'fragments', 'hole'], {
      maxBuffer: 2 ** 26,
    });
    const store = new OverlayLayerStore({ root: `${dir.path}/store` });

    const chainId = await store.apply(Readable.from([archive]), digestOf(archive), undefined);

    const diff = `${dir.path}/store/overlay2/${digestHex(chainId)}/diff`;
    for (const name of ['fragments', 'hole']) {
      expect(statSync(`${diff}/${name}`).size).toBe(2 ** 28);
      expect(statSync(`${diff}/${name}`).blocks).toBeLessThan(100 * 64);
    }
    execFileSync('cmp', [`${dir.path}/fragments`, `${diff}/fragments`]);
    expect(await store.size(chainId)).toBe(2 ** 29);
    expect(await store.tarSize(chainId)).toBe(archive.length);
    expect(Buffer.concat(await Readable.from(store.tar(chainId)).toArray()).equals(archive)).toBe(true);
    const entries = await Readable.from(store.entries(chainId)).toArray();
    expect(entries.map(({ name, size }) => [name, size])).toEqual([
      ['fragments', 2 ** 28],
      ['hole', 2 ** 28],
    ]);
  },
);
