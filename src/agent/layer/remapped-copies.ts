import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { systemErrorCode } from '../../shared/errors.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { readTar } from '../../shared/tar/read-tar.js';
import { runOrThrow } from '../kernel/spawn.js';
import { hostOwnerOrNobody, type IdMap } from '../userns/id-map.js';
import { withOwners } from '../userns/owner-handler.js';
import { translateUnpackError } from './errors.js';
import type { LayerDirectory } from './layer-directory.js';
import type { CommittedLayer } from './layer-record.js';
import { layerTar } from './layer-tar.js';
import { LayerUnpacker } from './layer-unpacker.js';
import type { SystemCalls } from './system-calls.js';

/**
 * Layers once more with other owners, for kernels that cannot show them so: `remapped/MAP/HEX/diff`, and `l/` with the
 * short names. A copy appears by one rename when it is on the disk, and goes with its layer.
 */
export class RemappedCopies {
  readonly #directory: LayerDirectory;
  readonly #libc: SystemCalls;
  readonly #mutex = new KeyedMutex();

  constructor(directory: LayerDirectory, libc: SystemCalls) {
    this.#directory = directory;
    this.#libc = libc;
  }

  /** Makes what is missing and answers the directory with the short names in its `l/`. Throws NO_SPACE. */
  async make(idMap: IdMap, chain: readonly CommittedLayer[]): Promise<string> {
    const place = join(this.#directory.copies, nameOf(idMap));
    await mkdir(join(place, 'l'), { recursive: true, mode: 0o700 });
    await this.#link(place, await this.#directory.emptyLayerLink(), join(this.#directory.path, 'empty'));
    await this.#mutex.run(place, async () => {
      for (const layer of chain) await this.#copy(idMap, layer, place);
    });
    return place;
  }

  async #copy(idMap: IdMap, layer: CommittedLayer, place: string): Promise<void> {
    const source = this.#directory.of(layer);
    const target = join(place, basename(source));
    if (!existsSync(target)) {
      const staged = await this.#directory.stage();
      try {
        await this.#unpack(join(source, 'diff'), join(staged, 'diff'), idMap);
        await runOrThrow(['sync', '-f', staged], { timeoutMs: 30 * 60_000 });
        await rename(staged, target);
      } catch (error) {
        await rm(staged, { recursive: true, force: true });
        throw translateUnpackError(error);
      }
    }
    await this.#link(place, layer.link, `../${basename(source)}/diff`);
  }

  async #unpack(source: string, target: string, idMap: IdMap): Promise<void> {
    await mkdir(target);
    await chmod(target, 0o755);
    const unpacker = new LayerUnpacker(target, this.#libc);
    const handler = withOwners(unpacker, (owner) => hostOwnerOrNobody(idMap, owner));
    try {
      await readTar(Readable.from(layerTar(source, { libc: this.#libc })), handler);
      unpacker.finish();
    } finally {
      unpacker.dispose();
    }
  }

  async #link(place: string, name: string, target: string): Promise<void> {
    await symlink(target, join(place, 'l', name)).catch((error) => {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
    });
  }
}

function nameOf(idMap: IdMap): string {
  return createHash('sha256').update(JSON.stringify(idMap)).digest('hex').slice(0, 16);
}
