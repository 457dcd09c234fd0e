import { formatBytes } from '../../../shared/bytes.js';
import { renderTemplate } from '../../../shared/template.js';
import type { FileChange, ImageReport, LayerReport, Sum } from '../layer-report.js';
import { shortDigest } from '../layer-table.js';
import { escapeHtml } from './escape-html.js';
import { layerPicture } from './layer-picture.js';
import { anchorOf } from './layer-tree.js';

/** Everything that `image layers` knows, as one page that needs no other file, no script and no network. */
export async function layersPage(reports: readonly ImageReport[]): Promise<string> {
  const [first] = reports;
  const what = first && reports.length === 1 ? first.image : `${reports.length} images`;
  return await renderTemplate('html/image-layers.html', {
    title: escapeHtml(`Layers of ${what}`),
    cards: cards(reports),
    picture: layerPicture(reports),
    images: reports.map(imageSection).join('\n'),
  });
}

function cards(reports: readonly ImageReport[]): string {
  const total = sum(reports.map(({ size }) => size));
  const wasted = sum(reports.map((report) => report.wasted));
  const stored = storedBytes(reports);
  const figures: readonly (readonly [string, string])[] = [
    ['images', String(reports.length)],
    ['size, added up', formatBytes(total)],
    ['stored, as layers are shared', formatBytes(stored)],
    ['wasted by replaced and removed files', formatBytes(wasted)],
  ];
  return figures
    .map(([what, figure]) => `<div class="card"><b>${figure}</b><span>${what}</span></div>`)
    .join('\n');
}

/** A layer upon the same layers is stored once. */
function storedBytes(reports: readonly ImageReport[]): number {
  const stored = new Map<string, number>();
  for (const { layers } of reports) {
    let chain = '';
    for (const { diffId, size } of layers) {
      chain += diffId;
      stored.set(chain, size);
    }
  }
  return sum([...stored.values()]);
}

function imageSection(report: ImageReport, index: number): string {
  const largest = Math.max(1, ...report.layers.map(({ size }) => size));
  const rows = report.layers.map((layer, at) => layerSection(layer, { index, at, largest })).join('\n');
  const share = report.size === 0 ? 0 : Math.round((report.wasted / report.size) * 100);
  return `<section>
<h2>${escapeHtml(report.image)}</h2>
<p class="sub"><code>${escapeHtml(shortDigest(report.id))}</code> · ${report.layers.length} layers · ${formatBytes(report.size)} · ${formatBytes(report.wasted)} wasted (${share}%)</p>
<div class="layers">
${rows}
</div>
${wasteList(report)}
</section>`;
}

function layerSection(
  layer: LayerReport,
  { index, at, largest }: { readonly index: number; readonly at: number; readonly largest: number },
): string {
  const sharers = layer.sharedWith.length;
  const badge =
    sharers > 0
      ? `<span class="badge" title="${escapeHtml(layer.sharedWith.join(', '))}">shared by ${sharers + 1}</span>`
      : '';
  const changes = [
    change('added', '+', layer.added),
    change('changed', '~', layer.changed),
    change('deleted', '−', layer.deleted),
  ].join('');
  const useful = ((layer.size - layer.wasted) / largest) * 100;
  const wasted = (layer.wasted / largest) * 100;
  return `<details class="layer" id="${anchorOf(index, at)}">
<summary><span class="number">${at + 1}</span><span class="what"><code>${escapeHtml(layer.instruction) || '<i>unknown instruction</i>'}</code>
<span class="facts"><code>${escapeHtml(shortDigest(layer.diffId))}</code>${badge}${changes}</span></span>
<span class="weight"><b>${formatBytes(layer.size)}</b>${layer.wasted > 0 ? `<small>${formatBytes(layer.wasted)} wasted</small>` : ''}
<span class="bar"><i style="width:${useful.toFixed(1)}%"></i><i class="lost" style="width:${wasted.toFixed(1)}%"></i></span></span></summary>
${fileList(layer.files)}
</details>`;
}

function change(kind: FileChange['kind'], mark: string, { count, bytes }: Sum): string {
  if (count === 0) return '';
  return `<span class="${kind}">${mark}${count} ${kind} <small>${formatBytes(bytes)}</small></span>`;
}

/** The largest, since a layer may have a hundred thousand. */
function fileList(files: readonly FileChange[]): string {
  if (files.length === 0) return '<p class="none">This layer changes no file.</p>';
  const shown = files.toSorted((a, b) => b.size - a.size).slice(0, mostFiles);
  const rows = shown.map(
    ({ kind, path, size }) =>
      `<tr class="${kind}"><td>${kind}</td><td>${escapeHtml(path)}</td><td>${formatBytes(size)}</td></tr>`,
  );
  const more = files.length - shown.length;
  const rest = more > 0 ? `<p class="none">and ${more} smaller ones</p>` : '';
  return `<table>${rows.join('')}</table>${rest}`;
}

function wasteList({ waste }: ImageReport): string {
  if (waste.length === 0) return '';
  const rows = waste
    .slice(0, mostWaste)
    .map(
      ({ path, size, layer, by }) =>
        `<tr><td>${formatBytes(size)}</td><td>${escapeHtml(path)}</td><td>from layer ${layer}, gone in layer ${by}</td></tr>`,
    );
  const more = waste.length - rows.length;
  const rest = more > 0 ? `<p class="none">and ${more} smaller ones</p>` : '';
  return `<h3>Wasted</h3><table class="waste">${rows.join('')}</table>${rest}`;
}

const mostFiles = 200;
const mostWaste = 30;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
