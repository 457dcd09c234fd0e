import { isMap, isSeq, type ParsedNode } from 'yaml';
import type { Path } from './path.js';
import { dereference, entries, keyText, type Source } from './yaml-nodes.js';

/** The offset of the key or item at the path, or of the closest one around it, and how deep that is. */
export function positionIn(
  root: ParsedNode,
  path: Path,
  source: Source,
): { readonly offset: number; readonly depth: number } {
  let node: ParsedNode | null = root;
  let offset = root.range[0];
  for (const [depth, part] of path.entries()) {
    const step: Step | undefined =
      node === null ? undefined : stepInto(dereference(node, source), part, source);
    if (step === undefined) return { offset, depth };
    offset = step.offset;
    node = step.node;
  }
  return { offset, depth: path.length };
}

interface Step {
  readonly offset: number;
  readonly node: ParsedNode | null;
}

function stepInto(node: ParsedNode, part: string | number, source: Source): Step | undefined {
  if (isMap(node)) {
    const entry = entries(node, source).findLast(({ key }) => keyText(key) === String(part));
    return entry && { offset: entry.key.range[0], node: entry.value };
  }
  if (!isSeq(node) || typeof part !== 'number') return undefined;
  const item: ParsedNode | undefined = node.items[part];
  return item && { offset: item.range[0], node: item };
}
