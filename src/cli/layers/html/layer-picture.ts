import { formatBytes } from '../../../shared/bytes.js';
import { ellipsis } from '../../docker/ellipsis.js';
import type { ImageReport } from '../layer-report.js';
import { escapeHtml } from './escape-html.js';
import { columnsOf, type LayerNode, layerTrees } from './layer-tree.js';

interface Box {
  readonly x: number;
  /** From the ground up. */
  readonly bottom: number;
  readonly width: number;
}

const width = 1120;
const gap = 6;
const smallest = 26;
const tallest = 120;
const labelHeight = 44;
const characterWidth = 6.7;

/**
 * The layers of some images as stacks of boxes on common ground, the lowest layer at the bottom: a layer that several
 * images share is one box below all of them. Heights grow with the square root of the size; what later layers make
 * useless is hatched.
 */
export function layerPicture(reports: readonly ImageReport[]): string {
  const trees = layerTrees(reports);
  const columns = trees.reduce((sum, tree) => sum + columnsOf(tree), 0);
  if (columns === 0) return '';
  const largest = Math.max(1, ...reports.flatMap(({ layers }) => layers.map(({ size }) => size)));
  const picture = new Picture(Math.max(90, width / columns), largest);
  let x = 0;
  for (const tree of trees) {
    picture.draw(tree, { x, bottom: 0, width: columnsOf(tree) * picture.column }, 1);
    x += columnsOf(tree) * picture.column;
  }
  return picture.svg(x);
}

class Picture {
  readonly column: number;
  readonly #largest: number;
  readonly #parts: { readonly y: number; readonly markup: (y: number) => string }[] = [];
  #height = 0;

  constructor(column: number, largest: number) {
    this.column = column;
    this.#largest = largest;
  }

  draw(node: LayerNode, box: Box, depth: number): void {
    const height = smallest + Math.sqrt(node.layer.size / this.#largest) * (tallest - smallest);
    const top = box.bottom + height;
    this.#height = Math.max(this.#height, top);
    this.#parts.push({ y: top, markup: (y) => boxMarkup(node, { ...box, y, height, depth }) });
    let { x } = box;
    for (const image of node.tops) {
      const at = { x, width: this.column };
      this.#parts.push({ y: top + gap + labelHeight, markup: (y) => labelMarkup(image, { ...at, y }) });
      x += this.column;
    }
    for (const next of node.above) {
      const columns = columnsOf(next) * this.column;
      this.draw(next, { x, bottom: top + gap, width: columns }, depth + 1);
      x += columns;
    }
  }

  svg(total: number): string {
    const height = this.#height + gap + labelHeight;
    const parts = this.#parts.map(({ y, markup }) => markup(height - y)).join('\n');
    return `<svg viewBox="0 0 ${round(total)} ${round(height + 2)}" role="img" aria-label="Layers of the images" style="min-width:${Math.min(total, 640)}px">
<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="7" class="hatch"/></pattern></defs>
${parts}
<line x1="0" x2="${round(total)}" y1="${round(height + 1)}" y2="${round(height + 1)}" class="ground"/>
</svg>`;
  }
}

interface Drawn {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

function boxMarkup({ layer, anchor }: LayerNode, { x, y, width: room, height, depth }: Drawn): string {
  const inner = room - gap;
  const sharers = layer.sharedWith.length + 1;
  const wasted = layer.size === 0 ? 0 : (layer.wasted / layer.size) * inner;
  const size = formatBytes(layer.size);
  const characters = Math.floor((inner - 22) / characterWidth) - size.length;
  const text = layer.instruction.replace(/\s+/g, ' ') || `layer ${depth}`;
  const name = characters > 3 ? ellipsis(text, characters) : '';
  const middle = round(y + height / 2 + 4);
  const tip = [
    text,
    `${size}, ${formatBytes(layer.wasted)} wasted`,
    sharers > 1 ? `shared by ${sharers} images` : 'in this image only',
  ].join('\n');
  const frame = `x="${round(x)}" y="${round(y)}" height="${round(height)}" rx="5"`;
  return `<a href="#${anchor}" class="${sharers > 1 ? 'shared' : 'own'}"><title>${tip.split('\n').map(escapeHtml).join('\n')}</title>
<rect ${frame} width="${round(inner)}" class="box"/>
${wasted > 0.5 ? `<rect x="${round(x + inner - wasted)}" y="${round(y)}" height="${round(height)}" width="${round(wasted)}" rx="5" fill="url(#hatch)"/>` : ''}
<text x="${round(x + 10)}" y="${middle}" class="name">${escapeHtml(name)}</text>
<text x="${round(x + inner - 10)}" y="${middle}" class="size">${size}</text></a>`;
}

function labelMarkup(
  { image, size }: ImageReport,
  { x, y, width: room }: { readonly x: number; readonly y: number; readonly width: number },
): string {
  const characters = Math.max(4, Math.floor((room - 12) / 8.6));
  const center = round(x + (room - gap) / 2);
  return `<text x="${center}" y="${round(y + 17)}" class="label"><title>${escapeHtml(image)}</title>${escapeHtml(ending(image, characters))}</text>
<text x="${center}" y="${round(y + 34)}" class="total">${formatBytes(size)}</text>`;
}

/** Names of images differ at their ends. */
function ending(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(1 - length)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
