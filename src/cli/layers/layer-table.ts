import { formatBytes } from '../../shared/bytes.js';
import { digestHex, isDigest } from '../../shared/digest.js';
import { shortId } from '../../shared/identifiers.js';
import { ellipsis } from '../docker/ellipsis.js';
import { renderTable } from '../table.js';
import type { FileChange, ImageReport, LayerReport, Sum } from './layer-report.js';

export interface LayerTableOptions {
  /** Lists what each layer changes, and all that is wasted. */
  readonly files: boolean;
  /** Whole digests and instructions. */
  readonly noTruncation: boolean;
}

const header = ['LAYER', 'SIZE', 'WASTED', 'ADDED', 'CHANGED', 'DELETED', 'SHARED', 'INSTRUCTION'];

/** One image for people: a line on the whole, a row for each layer, the lowest first, and what is wasted. */
export function layerTable(report: ImageReport, options: LayerTableOptions): string {
  const { image, layers, size, wasted } = report;
  const share = size === 0 ? '' : ` (${Math.round((wasted / size) * 100)}%)`;
  const title = `${image}: ${layers.length} layers, ${formatBytes(size)}, ${formatBytes(wasted)} wasted${share}\n`;
  const rows = layers.map((layer) => row(layer, options));
  const table = renderTable([header, ...rows]);
  return `${title}\n${table}${files(report, options)}${waste(report, options)}`;
}

function row(layer: LayerReport, { noTruncation }: LayerTableOptions): readonly string[] {
  const instruction = layer.instruction.replace(/\s+/g, ' ');
  return [
    noTruncation ? layer.diffId : shortDigest(layer.diffId),
    formatBytes(layer.size),
    formatBytes(layer.wasted),
    ...[layer.added, layer.changed, layer.deleted].map(count),
    layer.sharedWith.length === 0 ? '-' : `${layer.sharedWith.length + 1} images`,
    noTruncation ? instruction : ellipsis(instruction, 60),
  ];
}

function count({ count: files, bytes }: Sum): string {
  return files === 0 ? '-' : `${files} (${formatBytes(bytes)})`;
}

function files({ layers }: ImageReport, options: LayerTableOptions): string {
  if (!options.files) return '';
  const lists = layers.map(({ diffId, files: changes }) => {
    const lines = changes.map(({ kind, path, size }) => `  ${marks[kind]} ${path}  ${formatBytes(size)}\n`);
    return `\n${shortDigest(diffId)}\n${lines.join('')}`;
  });
  return lists.join('');
}

const marks = { added: 'A', changed: 'C', deleted: 'D' } as const satisfies Record<
  FileChange['kind'],
  string
>;

function waste(report: ImageReport, options: LayerTableOptions): string {
  if (report.waste.length === 0) return '';
  const shown = options.files ? report.waste : report.waste.slice(0, 10);
  const rows = shown.map(({ path, size, layer, by }) => [
    formatBytes(size),
    `layer ${layer}`,
    `layer ${by}`,
    path,
  ]);
  const more = report.waste.length - shown.length;
  const rest = more > 0 ? `and ${more} more files; --files lists all\n` : '';
  return `\n${renderTable([['WASTED', 'IN', 'REPLACED BY', 'FILE'], ...rows])}${rest}`;
}

export function shortDigest(digest: string): string {
  return isDigest(digest) ? shortId(digestHex(digest)) : digest;
}
