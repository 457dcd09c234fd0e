import type { ImageReport, LayerReport } from '../layer-report.js';

/** A layer and those that stand upon it. Images that have the same layers up to one share its node. */
export interface LayerNode {
  readonly layer: LayerReport;
  /** Where the page tells more of it. */
  readonly anchor: string;
  readonly above: readonly LayerNode[];
  /** Images whose uppermost layer it is. */
  readonly tops: readonly ImageReport[];
}

/** The trees of some images; those of the same base are one tree. Images without layers are in none. */
export function layerTrees(reports: readonly ImageReport[]): readonly LayerNode[] {
  const stacks = reports.map((report, index) => ({
    report,
    layers: report.layers.map((layer, at) => ({ layer, anchor: anchorOf(index, at) })),
  }));
  return grow(stacks, 0);
}

/** Of layer `at` of image `index` of the page. */
export function anchorOf(index: number, at: number): string {
  return `layer-${index + 1}-${at + 1}`;
}

/** Columns that a tree takes: one for each image that ends in it. */
export function columnsOf(node: LayerNode): number {
  return node.tops.length + node.above.reduce((sum, each) => sum + columnsOf(each), 0);
}

interface Stack {
  readonly report: ImageReport;
  readonly layers: readonly { readonly layer: LayerReport; readonly anchor: string }[];
}

function grow(stacks: readonly Stack[], depth: number): readonly LayerNode[] {
  const groups = Map.groupBy(
    stacks.filter(({ layers }) => layers.length > depth),
    ({ layers }) => layers[depth]?.layer.diffId,
  );
  return [...groups.values()].flatMap((group) => {
    // what is useless in one image may be in use in another
    const [first] = group
      .flatMap(({ layers }) => layers[depth] ?? [])
      .sort((a, b) => a.layer.wasted - b.layer.wasted);
    if (!first) return [];
    const tops = group.filter(({ layers }) => layers.length === depth + 1).map(({ report }) => report);
    return [{ ...first, above: grow(group, depth + 1), tops }];
  });
}
