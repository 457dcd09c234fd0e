import type { Path } from './path.js';
import { isMapping, type Mapping, type Value } from './value.js';

/** Without what is at these paths. */
export function removePaths(content: Mapping, paths: readonly Path[]): Mapping {
  if (paths.length === 0) return content;
  const removed = paths.map((path) => JSON.stringify(path.map(String)));
  const visit = (value: Value, path: Path): Value => (isMapping(value) ? visitMapping(value, path) : value);
  const visitMapping = (mapping: Mapping, path: Path): Mapping =>
    Object.fromEntries(
      Object.entries(mapping)
        .filter(([key]) => !removed.includes(JSON.stringify([...path, key].map(String))))
        .map(([key, value]) => [key, visit(value, [...path, key])]),
    );
  return visitMapping(content, []);
}
