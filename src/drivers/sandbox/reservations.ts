import { mkdir, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeFileAtomically, writeJsonAtomically } from '../../shared/atomic-file.js';
import { lockFile } from '../../shared/file-lock.js';
import { isJsonObject } from '../../shared/json.js';
import { sandboxSubnetFull, sandboxSubnetTaken } from './errors.js';
import { stateOf } from './instance.js';
import { chooseSubnet } from './network.js';
import type { SandboxSite } from './site.js';
import { formatSubnet, freeAddress, parseSubnet, type Subnet } from './subnet.js';

const lockMs = 60_000;

/** One command at a time may give addresses, or make and remove what the sandboxes share. */
export async function lockSite(site: SandboxSite, signal?: AbortSignal): Promise<AsyncDisposable> {
  return lockFile(site.lockFile, { timeoutMs: lockMs, signal });
}

/**
 * Makes the sandbox's directory with an address that no other one has, and returns the address. All sandboxes of a
 * machine are in one network, chosen with the first. Throws SANDBOX_SUBNET_TAKEN, SANDBOX_SUBNET_FULL.
 */
export async function reserve(
  site: SandboxSite,
  id: string,
  ownerTag: string,
  wanted: Subnet | undefined,
  signal: AbortSignal,
): Promise<string> {
  await using _lock = await lockSite(site, signal);
  try {
    const subnet = await siteSubnet(site, wanted);
    const address = freeAddress(subnet, await takenAddresses(site));
    if (address === undefined) throw sandboxSubnetFull(formatSubnet(subnet));
    const state = stateOf(site, id);
    await mkdir(site.stateDirectory, { recursive: true, mode: 0o700 });
    await writeJsonAtomically(networkFile(site), { subnet: formatSubnet(subnet) });
    await mkdir(state, { mode: 0o700 });
    await writeFileAtomically(ownerFile(state), `${ownerTag}\n`);
    await writeFileAtomically(addressFile(state), `${address}\n`);
    for (const name of ['upper', 'work', 'root', 'data']) await mkdir(join(state, name), { mode: 0o755 });
    return address;
  } catch (error) {
    await forgetIfUnused(site);
    throw error;
  }
}

/** Removes the sandbox's directory. True when it was the last; then the caller removes what was shared. Under the lock. */
export async function release(site: SandboxSite, id: string): Promise<boolean> {
  await rm(stateOf(site, id), { recursive: true, force: true });
  return forgetIfUnused(site);
}

/** The larger part of `release`, without the lock: all but the reservation itself. */
export async function removeContent(site: SandboxSite, id: string): Promise<void> {
  const state = stateOf(site, id);
  for (const name of await readdir(state).catch(() => [])) {
    const path = join(state, name);
    if (path !== addressFile(state) && path !== ownerFile(state))
      await rm(path, { recursive: true, force: true });
  }
}

/** Undefined when the machine has no sandboxes. */
export async function subnetInUse(site: SandboxSite): Promise<Subnet | undefined> {
  const recorded = await readJson(networkFile(site));
  if (!isJsonObject(recorded) || typeof recorded['subnet'] !== 'string') return undefined;
  return parseSubnet(recorded['subnet']);
}

/** The sandboxes whose owner tag has this prefix, with their tags. */
export async function ownedSandboxes(
  site: SandboxSite,
  tagPrefix: string,
): Promise<readonly { readonly id: string; readonly ownerTag: string }[]> {
  const owned: { id: string; ownerTag: string }[] = [];
  for (const id of await sandboxIds(site)) {
    const ownerTag = (await readFile(ownerFile(stateOf(site, id)), 'utf8').catch(() => '')).trim();
    if (ownerTag !== '' && ownerTag.startsWith(tagPrefix)) owned.push({ id, ownerTag });
  }
  return owned;
}

export async function isReserved(site: SandboxSite, id: string): Promise<boolean> {
  return stat(addressFile(stateOf(site, id))).then(
    () => true,
    () => false,
  );
}

async function siteSubnet(site: SandboxSite, wanted: Subnet | undefined): Promise<Subnet> {
  const inUse = await subnetInUse(site);
  if (!inUse) return chooseSubnet(site, wanted);
  if (wanted && formatSubnet(wanted) !== formatSubnet(inUse)) {
    throw sandboxSubnetTaken(
      formatSubnet(wanted),
      `the sandboxes on this machine are in ${formatSubnet(inUse)}`,
    );
  }
  return inUse;
}

async function takenAddresses(site: SandboxSite): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  for (const id of await sandboxIds(site)) {
    const address = await readFile(addressFile(stateOf(site, id)), 'utf8').catch(() => '');
    taken.add(address.trim());
  }
  return taken;
}

async function sandboxIds(site: SandboxSite): Promise<readonly string[]> {
  const entries = await readdir(site.stateDirectory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function forgetIfUnused(site: SandboxSite): Promise<boolean> {
  if ((await sandboxIds(site)).length > 0) return false;
  await rm(networkFile(site), { force: true });
  await rmdir(site.stateDirectory).catch(() => {});
  return true;
}

function networkFile(site: SandboxSite): string {
  return join(site.stateDirectory, 'network.json');
}

function ownerFile(state: string): string {
  return join(state, 'owner');
}

function addressFile(state: string): string {
  return join(state, 'address');
}
