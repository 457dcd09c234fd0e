import { readFile, realpath } from 'node:fs/promises';
import type { Propagation } from '../../runtime/spec/run-spec.js';
import { notPropagating } from '../mount-errors.js';
import type { ContainerMount } from './record.js';

/**
 * Whether the sources of bind mounts that are to be shared, or slaves, can be: what they lie in must be shared
 * itself. Answers how the container's root must be mounted for it (moby, daemon/oci_linux.go). Throws
 * PROPAGATION_IMPOSSIBLE.
 */
export async function checkPropagation(mounts: readonly ContainerMount[]): Promise<Propagation | undefined> {
  const shared = mounts.filter(({ Propagation }) => /^r?shared$/.test(Propagation));
  const slaves = mounts.filter(({ Propagation }) => /^r?slave$/.test(Propagation));
  if (shared.length + slaves.length === 0) return undefined;
  const table = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  for (const { Source } of shared) await check(table, Source, /\bshared:/, 'a shared');
  for (const { Source } of slaves) await check(table, Source, /\b(shared|master):/, 'a shared or slave');
  return shared.length > 0 ? 'shared' : 'rslave';
}

type MountTable = readonly { readonly point: string; readonly tags: string }[];

async function check(
  table: MountTable,
  path: string,
  wanted: RegExp,
  kind: 'a shared' | 'a shared or slave',
) {
  const place = await realpath(path);
  const around = table.filter(({ point }) => point === '/' || `${place}/`.startsWith(`${point}/`));
  const mount = around.reduce((best, each) => (each.point.length >= best.point.length ? each : best), {
    point: '/',
    tags: '',
  });
  if (!wanted.test(mount.tags)) throw notPropagating(path, mount.point, kind);
}

/** proc(5): the tags are between the sixth field and a "-". */
function parseMountInfo(text: string): MountTable {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const point = fields[4]?.replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    return point === undefined ? [] : [{ point, tags: fields.slice(6, fields.indexOf('-', 6)).join(' ') }];
  });
}
