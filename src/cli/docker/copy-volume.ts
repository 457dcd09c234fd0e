import { containersUsing } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import {
  readVolume,
  removeFromVolume,
  volumeManifest,
  writeVolume,
} from '../../api/client/volume-archive.js';
import type { VolumeEntry } from '../../api/volume-archive.js';
import type { Reporter } from '../../shared/reporter.js';
import { volumeDiffers, volumeMissing } from './errors.js';

export interface VolumeAt {
  readonly client: EngineClient;
  readonly machine: string;
  readonly name: string;
}

export interface CopyOptions {
  /** Removes what the source does not have. */
  readonly delete: boolean;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

export interface CopyResult {
  /** Files, directories and links of the source. */
  readonly entries: number;
  readonly sent: number;
  readonly removed: number;
  /** Only at the target, and left there. */
  readonly extra: number;
}

type Manifest = ReadonlyMap<string, VolumeEntry>;

/**
 * Makes one volume what another is: what differs is sent, straight from one engine to the other through this
 * process; then both are read and compared by digests. When it fails half-way, copying again goes on. Throws
 * VOLUME_MISSING, VOLUME_DIFFERS, and what the engines say.
 */
export async function copyVolume(
  source: VolumeAt,
  target: VolumeAt,
  options: CopyOptions,
): Promise<CopyResult> {
  const { signal, reporter } = options;
  for (const each of [source, target]) await warnOfUse(each, options);
  reporter.step('Comparing the volumes');
  const [wanted, present = new Map()] = await manifests(source, target, { digests: false }, signal);
  const extra = [...present.keys()].filter((path) => !wanted.has(path));
  const removed = options.delete ? extra : [];
  const changed = changedPaths(wanted, present, removed);
  if (removed.length > 0) await removeFromVolume(target.client, target.name, removed, signal);
  if (changed.length > 0) {
    reporter.step(`Sending ${changed.length} of ${wanted.size} files`);
    const tar = await readVolume(source.client, source.name, changed, signal);
    await writeVolume(target.client, target.name, tar, { whole: false, signal });
  }
  reporter.step('Verifying');
  const [now, arrived = new Map()] = await manifests(source, target, { digests: true }, signal);
  const different = [...now].filter(([path, entry]) => !isSame(entry, arrived.get(path)));
  if (different.length > 0)
    throw volumeDiffers(
      source.name,
      different.map(([path]) => shown(path)),
    );
  const left = extra.length - removed.length;
  if (left > 0) reporter.warn(`${left} files are at the target only; --delete removes them`);
  return { entries: wanted.size, sent: changed.length, removed: removed.length, extra: left };
}

async function manifests(
  source: VolumeAt,
  target: VolumeAt,
  options: { readonly digests: boolean },
  signal: AbortSignal,
): Promise<readonly [Manifest, Manifest | undefined]> {
  const [from, to] = await Promise.all(
    [source, target].map(({ client, name }) => volumeManifest(client, name, options, signal)),
  );
  if (!from) throw volumeMissing(source.name, source.machine);
  return [from, to];
}

async function warnOfUse(
  { client, machine, name }: VolumeAt,
  { signal, reporter }: CopyOptions,
): Promise<void> {
  const names = await containersUsing(client, name, signal);
  if (names.length === 0) return;
  reporter.warn(
    `volume "${name}" of "${machine}" is in use by ${names.join(', ')}: what they write meanwhile may be missing`,
  );
}

/** With a file of several names all of them, so that they stay one file. */
function changedPaths(wanted: Manifest, present: Manifest, removed: readonly string[]): readonly string[] {
  const touched = new Set(removed.map(parentOf));
  const first = ({ path, type, link }: VolumeEntry) =>
    type === 'hard-link' && link !== undefined ? link : path;
  const changed = new Set<string>();
  for (const [path, entry] of wanted) {
    if (touched.has(path) || !isSame(entry, present.get(path))) changed.add(first(entry));
  }
  return [...wanted.values()].filter((entry) => changed.has(first(entry))).map(({ path }) => path);
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** Names of a file that has several are compared by the first of them. */
function isSame(one: VolumeEntry, other: VolumeEntry | undefined): boolean {
  return (
    other !== undefined &&
    fields.every((field) => one[field] === other[field]) &&
    (one.sha256 === undefined || one.sha256 === other.sha256)
  );
}

const fields = ['type', 'mode', 'uid', 'gid', 'size', 'mtime', 'link', 'xattrs'] as const;

function shown(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8') || '.';
}
