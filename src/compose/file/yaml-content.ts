import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { nearest } from '../../shared/nearest.js';
import { formatPath, type Path } from './path.js';
import { isMapping, type Mapping, type Value } from './value.js';
import { dereference, entries, keyText, type Source } from './yaml-nodes.js';

export interface Content {
  readonly content: Mapping;
  readonly replaced: readonly Path[];
}

/** The values of a document; aliases and merge keys resolved, `!reset` and `!override` carried out and noted. */
export function readContent(root: ParsedNode, source: Source): Content {
  const replaced: Path[] = [];
  const content = new Reader(source, replaced).value(root, [], []);
  if (content === undefined) return { content: {}, replaced };
  if (!isMapping(content)) throw source.fail(root, 'top-level object must be a mapping');
  return { content, replaced };
}

const tags: readonly string[] = ['!reset', '!override'];

class Reader {
  readonly #source: Source;
  readonly #replaced: Path[];

  constructor(source: Source, replaced: Path[]) {
    this.#source = source;
    this.#replaced = replaced;
  }

  /** Undefined for what `!reset` removes. `around`: the nodes that this one is in. */
  value(node: ParsedNode, path: Path, around: readonly ParsedNode[]): Value | undefined {
    const target = dereference(node, this.#source);
    if (around.includes(target)) throw this.#source.fail(node, 'cycle detected: an anchor contains itself');
    this.#refuseMistypedTag(target);
    if (target.tag === '!reset' || target.tag === '!override') this.#replaced.push(path);
    if (target.tag === '!reset') return undefined;
    const inside = [...around, target];
    if (isMap(target)) return this.#mapping(target, path, inside);
    if (isSeq(target)) return this.#sequence(target.items, path, inside);
    return isScalar(target) ? scalar(target.value) : null;
  }

  /** Other tags are no business of Compose. */
  #refuseMistypedTag(node: ParsedNode): void {
    const { tag } = node;
    if (tag === undefined || tags.includes(tag) || !/^!\w/.test(tag)) return;
    const similar = nearest(tag, tags);
    if (similar !== undefined) throw this.#source.fail(node, `unknown tag ${tag}: did you mean ${similar}?`);
  }

  #mapping(node: ParsedNode, path: Path, around: readonly ParsedNode[]): Mapping {
    const found: [string, Value][] = [];
    for (const { key, value } of entries(node, this.#source)) {
      const name = keyText(key);
      if (name === undefined) throw this.#source.fail(key, nonStringKey(key, path));
      const read = value === null ? null : this.value(value, [...path, name], around);
      if (read !== undefined) found.push([name, read]);
    }
    return Object.fromEntries(found);
  }

  #sequence(items: readonly ParsedNode[], path: Path, around: readonly ParsedNode[]): readonly Value[] {
    return items
      .map((item, index) => this.value(item, [...path, index], around))
      .filter((value) => value !== undefined);
  }
}

function nonStringKey(key: ParsedNode, path: Path): string {
  const where = path.length === 0 ? 'at top level' : `in ${formatPath(path)}`;
  return `non-string key ${where}: ${isScalar(key) ? String(key.value) : 'a collection'}`;
}

function scalar(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}
