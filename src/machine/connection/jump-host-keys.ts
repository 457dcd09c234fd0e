import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readJson, writeJsonAtomically } from '../../shared/atomic-file.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { address } from '../../ssh/errors.js';
import { PinnedHostKey } from '../../ssh/host-keys.js';
import type { HostKeyVerifier } from '../../ssh/transport.js';

/** Trust on first use for the hosts on the way to a machine; all machines share what is known of them. */
export function jumpHostKeys(path: string): HostKeyVerifier {
  return {
    async verify(endpoint, hostKey) {
      const name = address(endpoint);
      const known = await readKeys(path);
      const pinned = known[name];
      const verifier = new PinnedHostKey(typeof pinned === 'string' ? pinned : undefined, async (key) => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeJsonAtomically(path, { ...known, [name]: key });
      });
      await verifier.verify(endpoint, hostKey);
    },
  };
}

async function readKeys(path: string): Promise<JsonObject> {
  const value = await readJson(path);
  return isJsonObject(value) ? value : {};
}
