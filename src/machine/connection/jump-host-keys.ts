import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readJson, writeJsonAtomically } from '../../shared/atomic-file.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { address } from '../../ssh/errors.js';
import { PinnedHostKey } from '../../ssh/host-keys.js';
import type { HostKeyVerifier, SshEndpoint } from '../../ssh/transport.js';

/** Trust on first use for the hosts on the way to a machine; all machines share what is known of them. */
export function jumpHostKeys(path: string): HostKeyVerifier {
  return {
    async verify(endpoint, hostKey) {
      const name = address(endpoint);
      const known = await readKeys(path);
      const verifier = new PinnedHostKey(keyIn(known, name), async (key) => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeJsonAtomically(path, { ...known, [name]: key });
      });
      await verifier.verify(endpoint, hostKey);
    },
  };
}

/** Undefined where the hop was never on a way that was gone. */
export async function knownJumpHostKey(path: string, endpoint: SshEndpoint): Promise<string | undefined> {
  return keyIn(await readKeys(path), address(endpoint));
}

function keyIn(known: JsonObject, name: string): string | undefined {
  const key = known[name];
  return typeof key === 'string' ? key : undefined;
}

async function readKeys(path: string): Promise<JsonObject> {
  const value = await readJson(path);
  return isJsonObject(value) ? value : {};
}
