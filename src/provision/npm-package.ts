import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TsmachineError } from '../shared/errors.js';
import { packageRoot } from '../shared/package-root.js';
import { runOrThrow } from '../shared/spawn.js';

/** A package of the npm registry, as package-lock.json pins it. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity: "sha512-…". */
  readonly integrity: string;
}

const downloadTimeout = 10 * 60 * 1000;

/**
 * The directory of a package: the installed one, or, since npm installs only what is for this platform, a verified
 * copy fetched from the registry into the cache. Throws PACKAGE_UNAVAILABLE.
 */
export async function packageDirectory(
  pinned: PinnedPackage,
  cache: string,
  signal: AbortSignal,
): Promise<string> {
  const installed = installedAt(pinned);
  if (installed !== undefined) return installed;
  const cached = join(cache, `${pinned.name.replaceAll('/', '-')}-${pinned.version}`);
  if (!existsSync(cached)) await fetchPackage(pinned, cached, signal);
  return cached;
}

/** Below this package, or beside it where npm has lifted it up; in just that version. */
function installedAt({ name, version }: PinnedPackage): string | undefined {
  const places = [join(packageRoot(), 'node_modules', name), join(packageRoot(), '..', name)];
  return places.find((place) => {
    const manifest = join(place, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
}

async function fetchPackage(pinned: PinnedPackage, target: string, signal: AbortSignal): Promise<void> {
  const tarball = await download(pinned, signal);
  const staging = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(staging, { recursive: true });
  try {
    await writeFile(join(staging, 'package.tgz'), tarball);
    await runOrThrow(['tar', '-xzf', 'package.tgz', '--strip-components=1'], { cwd: staging, signal });
    await rm(join(staging, 'package.tgz'));
    await rename(staging, target);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function download(pinned: PinnedPackage, signal: AbortSignal): Promise<Uint8Array> {
  const registry = (process.env['npm_config_registry'] ?? 'https://registry.npmjs.org').replace(/\/$/, '');
  const file = `${pinned.name.split('/').at(-1)}-${pinned.version}.tgz`;
  const url = `${registry}/${pinned.name}/-/${file}`;
  const unavailable = (reason: string, cause?: unknown) =>
    new TsmachineError('unavailable', 'PACKAGE_UNAVAILABLE', `cannot fetch "${url}": ${reason}`, {
      hints: [`fetch it by hand: npm pack ${pinned.name}@${pinned.version}`],
      cause,
    });
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(downloadTimeout)]),
  }).catch((cause) => {
    signal.throwIfAborted();
    throw unavailable('the registry does not answer', cause);
  });
  if (!response.ok) throw unavailable(`the registry answered ${response.status}`);
  const content = new Uint8Array(await response.arrayBuffer());
  const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  if (integrity !== pinned.integrity) throw unavailable('its checksum is not the pinned one');
  return content;
}
