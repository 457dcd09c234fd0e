import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';

/** A parsed document, and how to fail at one of its nodes. */
export interface Source {
  readonly document: Document.Parsed;
  readonly fail: (node: ParsedNode, message: string) => Error;
}

export interface Entry {
  readonly key: ParsedNode;
  readonly value: ParsedNode | null;
}

/** The entries of a mapping; first those of its merge keys (`<<`) that it does not say itself. */
export function entries(mapping: ParsedNode, source: Source): readonly Entry[] {
  if (!isMap(mapping)) return [];
  const items: readonly Entry[] = mapping.items;
  const own = items.filter(({ key }) => !isMergeKey(key));
  if (own.length === items.length) return own;
  const said = new Set(own.map(({ key }) => keyText(key)));
  const merged = new Map<unknown, Entry>();
  for (const { value } of items.filter(({ key }) => isMergeKey(key))) {
    for (const entry of mergedEntries(value, source)) {
      const name = keyText(entry.key);
      if (!said.has(name) && !merged.has(name)) merged.set(name, entry);
    }
  }
  return [...merged.values(), ...own];
}

/** Undefined for a key that is not a string. */
export function keyText(key: ParsedNode): string | undefined {
  return isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
}

/** The node itself, or the one that an alias stands for. */
export function dereference(node: ParsedNode, { document, fail }: Source): ParsedNode {
  if (!isAlias(node)) return node;
  // The nodes of a parsed document are parsed ones.
  const found = node.resolve(document) as ParsedNode | undefined;
  if (found === undefined) throw fail(node, `unknown anchor '${node.source}' referenced`);
  return found;
}

function isMergeKey(key: ParsedNode): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

function mergedEntries(value: ParsedNode | null, source: Source): readonly Entry[] {
  const node = value === null ? undefined : dereference(value, source);
  if (isMap(node)) return entries(node, source);
  if (isSeq(node)) return node.items.flatMap((item) => mergedEntries(item, source));
  throw source.fail(
    value ?? (source.document.contents as ParsedNode), // of a document that has an entry
    'map merge requires map or sequence of maps as the value',
  );
}
