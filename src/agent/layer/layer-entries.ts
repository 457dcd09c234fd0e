import { join } from 'node:path';
import type { TarEntry } from '../../shared/tar/tar-entry.js';
import { TarParser } from '../../shared/tar/tar-parser.js';
import { readTarRecipe } from './tar-recipe.js';

/**
 * The entries of the archive that a layer was unpacked from. Only the recipe is read: in place of the files' content
 * the parser gets zeros. Throws LAYER_INVALID.
 */
export async function* layerEntries(layerDirectory: string): AsyncGenerator<TarEntry> {
  const entries: TarEntry[] = [];
  const parser = new TarParser({
    begin: (entry) => void entries.push(entry),
    data() {},
    hole() {},
    end() {},
  });
  for await (const piece of readTarRecipe(join(layerDirectory, 'tar-recipe'))) {
    if (Buffer.isBuffer(piece)) parser.write(piece);
    else for (let left = piece.size; left > 0; left -= zeros.length) parser.write(zeros.subarray(0, left));
    yield* entries.splice(0);
  }
  parser.close();
}

const zeros = Buffer.alloc(1 << 20);
