import type { Path, PathTable } from './path.js';
import { isMapping, isSequence, type Mapping, type Value } from './value.js';

export type Change = (value: Value, path: Path) => Value;

/** Changes the values at the paths of the table, what is inside them first. */
export function transform(content: Mapping, table: PathTable<Change>): Mapping {
  const visit = (value: Value, path: Path): Value => {
    const change = table.get(path);
    const inside = visitInside(value, path);
    return change === undefined ? inside : change(inside, path);
  };
  const visitInside = (value: Value, path: Path): Value => {
    if (isMapping(value)) return visitMapping(value, path);
    return isSequence(value) ? value.map((item, index) => visit(item, [...path, index])) : value;
  };
  const visitMapping = (mapping: Mapping, path: Path): Mapping =>
    Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, visit(value, [...path, key])]));
  return visitMapping(content, []);
}
