import type { FailAt } from './interpolate.js';
import { formatPath, type Path, PathTable } from './path.js';
import { isMapping, isSequence, type Mapping, type Sequence, type Value, valueText } from './value.js';

/**
 * Puts what a later file says over what earlier ones said, by the specification's rules: mappings are merged, sequences
 * appended (`uniqueItems` makes them unique afterwards), scalars replaced; some attributes have rules of their own.
 */
export function mergeFiles(base: Mapping, over: Mapping, fail: FailAt): Mapping {
  return new Merger(fail).mappings(base, over, []);
}

/** The same for a service that extends another one. */
export function mergeService(base: Mapping, over: Mapping, name: string, fail: FailAt): Mapping {
  return new Merger(fail).mappings(base, over, ['services', name]);
}

type Rule = (merger: Merger, base: Value, over: Value, path: Path) => Value;

class Merger {
  readonly #fail: FailAt;

  constructor(fail: FailAt) {
    this.#fail = fail;
  }

  values(base: Value, over: Value, path: Path): Value {
    const rule = rules.get(path);
    if (rule) return rule(this, base, over, path);
    if (over === null) return base;
    if (isMapping(base)) {
      if (!isMapping(over))
        throw this.#fail(path, `cannot override ${formatPath(path)}: a mapping is expected`);
      return this.mappings(base, over, path);
    }
    if (isSequence(base)) {
      if (!isSequence(over))
        throw this.#fail(path, `cannot override ${formatPath(path)}: a list is expected`);
      return [...base, ...over];
    }
    return over;
  }

  mappings(base: Mapping, over: Mapping, path: Path): Mapping {
    const merged = Object.entries(over).map(([key, value]): [string, Value] => {
      const present = Object.hasOwn(base, key) ? base[key] : undefined;
      const replaced = present === undefined || key.startsWith('x-');
      return [key, replaced ? value : this.values(present, value, [...path, key])];
    });
    return { ...base, ...Object.fromEntries(merged) };
  }
}

const replace: Rule = (_merger, _base, over) => over;

const append: Rule = (_merger, base, over) => [...toSequence(base), ...toSequence(over)];

const appendNew: Rule = (_merger, base, over) => {
  const before = toSequence(base);
  return [...before, ...toSequence(over).filter((item) => !before.includes(item))];
};

const mergeAs =
  (toMapping: (value: Value) => Mapping): Rule =>
  (merger, base, over, path) =>
    merger.mappings(toMapping(base), toMapping(over), path);

/** Options of another driver are no use. */
const mergeLogging: Rule = (merger, base, over, path) => {
  if (!isMapping(base) || !isMapping(over)) return over;
  const [before, after] = [base['driver'], over['driver']];
  const same = before === undefined || after === undefined || before === after;
  return same ? merger.mappings(base, over, path) : over;
};

/** Pools with the same subnet are merged. */
const mergePools: Rule = (merger, base, over, path) => {
  const pools: Mapping[] = toSequence(base).filter(isMapping);
  for (const pool of toSequence(over).filter(isMapping)) {
    const index = pools.findIndex((each) => each['subnet'] === pool['subnet']);
    const same = pools[index];
    if (same === undefined) pools.push(pool);
    else pools[index] = merger.mappings(same, pool, path);
  }
  return pools;
};

const rules = new PathTable<Rule>({
  ...{ 'networks.*.ipam.config': mergePools, 'networks.*.labels': append, 'volumes.*.labels': append },
  ...Object.fromEntries(
    [
      ...['annotations', 'build.args', 'build.additional_contexts', 'build.labels', 'deploy.labels', 'dns'],
      ...['dns_opt', 'dns_search', 'env_file', 'label_file', 'environment', 'labels', 'sysctls', 'tmpfs'],
    ].map((attribute) => [`services.*.${attribute}`, append]),
  ),
  ...{ 'services.*.extra_hosts': appendNew, 'services.*.build.extra_hosts': appendNew },
  ...{ 'services.*.command': replace, 'services.*.entrypoint': replace },
  ...{ 'services.*.healthcheck.test': replace, 'services.*.ulimits.*': replace },
  'services.*.build': mergeAs((value) => (isMapping(value) ? value : { context: value })),
  'services.*.depends_on': mergeAs((value) => keyed(value, { condition: 'service_started', required: true })),
  'services.*.networks': mergeAs((value) => keyed(value, null)),
  'services.*.models': mergeAs((value) => keyed(value, null)),
  'services.*.logging': mergeLogging,
});

/** A sequence of names as a mapping. */
function keyed(value: Value, each: Value): Mapping {
  if (isMapping(value)) return value;
  return Object.fromEntries(toSequence(value).map((key) => [valueText(key), each]));
}

/** A mapping as a sequence of `KEY=VALUE`; one item for each of several values. */
function toSequence(value: Value): Sequence {
  if (isSequence(value)) return value;
  if (!isMapping(value)) return value === null ? [] : [value];
  return Object.entries(value)
    .flatMap(([key, item]) => {
      if (item === null) return [key];
      return (isSequence(item) ? item : [item]).map((each) => `${key}=${valueText(each)}`);
    })
    .sort();
}
