import { closeSync, constants, openSync } from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';
import { layerChainTooLong, overlayMountFailed } from './errors.js';
import type { SystemCalls } from './system-calls.js';

export interface OverlayMount {
  /** The directory that holds the layers and `l/` with their short names. */
  readonly directory: string;
  /** Names below `l/`, uppermost first; at least one. */
  readonly links: readonly string[];
  /** Name of the writable layer's directory below `directory`. */
  readonly key: string;
  /** Another directory whose `l/` has the names of the layers below, where that is not `directory`. */
  readonly lower?: string | undefined;
}

/** mount(2) takes one page of options and cuts what is longer without a word. */
const largestData = 4095;

/** Off, so that what is in `diff` is the whole difference; older kernels do not know all of them. */
const features = 'redirect_dir=off,metacopy=off,index=off';

/**
 * Mounts `merged` of a writable layer. Long chains are named through a descriptor of the directory, because the
 * agent cannot change its working directory. Throws LAYER_CHAIN_TOO_LONG, OVERLAY_MOUNT_FAILED.
 */
export function mountOverlay(libc: SystemCalls, mount: OverlayMount): void {
  const target = `${mount.directory}/${mount.key}/merged`;
  const { directory, lower = directory } = mount;
  const plain = overlayData(mount, directory, lower);
  const isSpecial = /[:,\\]/.test(directory + lower); // would need quoting, differently in each option
  if (fits(plain) && !isSpecial) mountWith(libc, target, plain);
  else mountThroughDescriptor(libc, target, mount);
}

/** Mounts layers as one read-only tree; at least two, uppermost first. Throws as `mountOverlay`. */
export function mountLowerLayers(
  libc: SystemCalls,
  { directory, links, target }: Omit<OverlayMount, 'key'> & { readonly target: string },
): void {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const data = lowerOption(links, `/proc/self/fd/${fd}`);
    if (!fits(data)) throw layerChainTooLong(links.length);
    mountWith(libc, target, data);
  } finally {
    closeSync(fd);
  }
}

function mountThroughDescriptor(libc: SystemCalls, target: string, mount: OverlayMount): void {
  const fd = openSync(mount.directory, constants.O_RDONLY | constants.O_DIRECTORY);
  const lower = openSync(mount.lower ?? mount.directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const data = overlayData(mount, `/proc/self/fd/${fd}`, `/proc/self/fd/${lower}`);
    if (!fits(data)) throw layerChainTooLong(mount.links.length);
    mountWith(libc, target, data);
  } finally {
    closeSync(fd);
    closeSync(lower);
  }
}

export function overlayData(mount: OverlayMount, base: string, lower = base): string {
  const own = `${base}/${mount.key}`;
  return `${lowerOption(mount.links, lower)},upperdir=${own}/diff,workdir=${own}/work`;
}

function lowerOption(links: readonly string[], base: string): string {
  return `lowerdir=${links.map((link) => `${base}/l/${link}`).join(':')}`;
}

function fits(data: string): boolean {
  return Buffer.byteLength(`${data},${features}`) <= largestData;
}

function mountWith(libc: SystemCalls, target: string, data: string): void {
  try {
    libc.mount('overlay', target, 'overlay', 0, `${data},${features}`);
  } catch (error) {
    if (systemErrorCode(error) !== 'EINVAL') throw overlayMountFailed(target, error);
    mountWithoutFeatures(libc, target, data);
  }
}

/** A kernel that refuses the names does not have the features either. */
function mountWithoutFeatures(libc: SystemCalls, target: string, data: string): void {
  try {
    libc.mount('overlay', target, 'overlay', 0, data);
  } catch (error) {
    throw overlayMountFailed(target, error);
  }
}
