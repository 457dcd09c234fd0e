import type { SshConnection } from '../../ssh/transport.js';
import type { MachineContext } from '../dependencies.js';
import { isNoDirectory } from './errors.js';
import type { FoundSource, Target, TargetKind } from './item.js';
import { localSource, localTarget } from './local.js';
import { type Location, locationText } from './location.js';
import { remoteSources, remoteTarget } from './remote.js';

export interface CopyRequest {
  readonly from: Location;
  readonly to: Location;
  readonly recursive: boolean;
}

/** Closed by whoever asked for it. */
export type Connector = (machine: string, user: string | undefined) => Promise<SshConnection>;

/**
 * Copies a file, or with `recursive` a directory, as scp does: into a directory that is there, else under the new
 * name; links are followed. Between two machines everything passes through here. Throws TRANSFER_FAILED, and what
 * connecting throws.
 */
export async function copyFiles(
  { from, to, recursive }: CopyRequest,
  connect: Connector,
  { signal }: MachineContext,
): Promise<void> {
  await using connections = new AsyncDisposableStack();
  const open = async (location: Location & { readonly kind: 'remote' }) =>
    connections.use(await connect(location.machine, location.user));
  const sources =
    from.kind === 'local'
      ? [await localSource(from, recursive)]
      : await remoteSources(await open(from), from, recursive, signal);
  const target = to.kind === 'local' ? localTarget(to) : remoteTarget(await open(to), to);
  const kind = await target.look(signal);
  if (sources.length > 1 && kind !== 'directory') throw isNoDirectory(locationText(to));
  for (const source of sources) await copyOne(source, target, kind, to, signal);
}

async function copyOne(
  source: FoundSource,
  target: Target,
  kind: TargetKind,
  to: Location,
  signal: AbortSignal,
): Promise<void> {
  if (kind === 'file' && source.type === 'directory') throw isNoDirectory(locationText(to));
  const inside = kind === 'directory' ? source.name || '.' : undefined;
  await target.receive(source.items(signal), inside, signal);
}

export { type Location, locationText, parseLocation } from './location.js';
