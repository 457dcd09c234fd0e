import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  sandboxBaseUnusable,
  sandboxNeedsLinux,
  sandboxNeedsRoot,
  sandboxStorageUnusable,
  sandboxToolsMissing,
} from './errors.js';
import { missingInBase } from './root-file-system.js';
import type { SandboxSite } from './site.js';
import { findTool } from './tools.js';

/** Where each command comes from, by the names of Debian's packages. */
const packageOf = new Map([
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['unshare', 'util-linux'],
  ['pivot_root', 'util-linux'],
  ['mount', 'mount'],
  ['umount', 'mount'],
]);

/** statfs(2)'s f_type of file systems that overlayfs refuses as its upper layer. */
const unfitForLayers = new Set([0x794c7630, 0x6969, 0x01021997, 0xff534d42, 0xfe534d42]);

/** Throws SANDBOX_NEEDS_LINUX, SANDBOX_NEEDS_ROOT. */
export function checkUser({ platform, uid }: { platform: string; uid: number | undefined }): void {
  if (platform !== 'linux') throw sandboxNeedsLinux(platform);
  if (uid !== 0) throw sandboxNeedsRoot();
}

/** One error for all that is missing: SANDBOX_TOOLS_MISSING. */
export async function checkTools(base: string, find = findTool): Promise<void> {
  const needed = new Map(packageOf);
  if (base === '/') needed.set('sshd', 'openssh-server'); // another base has its own
  const missing: string[] = [];
  for (const command of needed.keys()) if ((await find(command)) === undefined) missing.push(command);
  if (missing.length === 0) return;
  const packages = new Set(missing.map((command) => needed.get(command) ?? command));
  throw sandboxToolsMissing(missing, [...packages]);
}

/** Throws SANDBOX_BASE_UNUSABLE. */
export async function checkBase(base: string): Promise<void> {
  const missing = await missingInBase(base);
  if (missing.length === 0) return;
  if (missing.length > 1) {
    const hint = 'make one with "mmdebstrap --include=openssh-server bookworm DIR"';
    throw sandboxBaseUnusable(base, `it has no ${missing.join(', ')}`, hint);
  }
  throw sandboxBaseUnusable(base, `it has no ${missing[0]}`, 'install openssh-server into it');
}

/** Throws SANDBOX_STORAGE_UNUSABLE. */
export async function checkStorage({ stateDirectory }: SandboxSite): Promise<void> {
  const { type } = await nearestStatfs(stateDirectory);
  if (unfitForLayers.has(type)) throw sandboxStorageUnusable(stateDirectory);
}

/** Of the directory, or of the nearest one above it that exists. */
async function nearestStatfs(path: string): Promise<{ type: number }> {
  for (let directory = path; ; directory = dirname(directory)) {
    const found = await statfs(directory).catch(() => undefined);
    if (found) return found;
    if (directory === '/') throw new Error('the root directory cannot be read');
  }
}
