import type { FailAt } from './interpolate.js';
import { formatPath, type Path, PathTable } from './path.js';
import { isMapping, isSequence, type Mapping, type Value, valueText } from './value.js';
import { parseVolume } from './volume-spec.js';

/**
 * Of items in a sequence that are about the same thing, the last one stays, at the place of the first. Items that do not
 * say what they are about stay, too: the schema has more to say of them; with `fail` they are errors.
 */
export function uniqueItems(content: Mapping, fail?: FailAt): Mapping {
  const visit = (value: Value, path: Path): Value => {
    if (isMapping(value)) return visitMapping(value, path);
    const identity = isSequence(value) ? identities.get(path) : undefined;
    if (identity === undefined || !isSequence(value)) return value;
    const found = new Map<string | number, Value>();
    for (const [index, item] of value.entries()) {
      const key = identity(item);
      const at = [...path, index];
      if (key === undefined && fail) throw fail(at, `${formatPath(at)}: "target" is missing`);
      found.set(key ?? index, item);
    }
    return [...found.values()];
  };
  const visitMapping = (mapping: Mapping, path: Path): Mapping =>
    Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, visit(value, [...path, key])]));
  return visitMapping(content, []);
}

type Identity = (item: Value) => string | undefined;

const beforeEquals: Identity = (item) =>
  typeof item === 'object' ? undefined : valueText(item).split('=', 1)[0];

const text: Identity = (item) => (typeof item === 'object' ? undefined : valueText(item));

const volumeTarget: Identity = (item) => {
  if (isMapping(item)) return stringAt(item, 'target');
  return typeof item === 'string' ? stringAt(parseVolume(item) ?? {}, 'target') : undefined;
};

const deviceTarget: Identity = (item) => {
  if (isMapping(item)) return stringAt(item, 'target') ?? stringAt(item, 'source');
  if (typeof item !== 'string') return undefined;
  const [source, target] = item.split(':');
  return target ?? source;
};

const mountedAt =
  (directory: string): Identity =>
  (item) => {
    if (!isMapping(item)) return typeof item === 'string' ? `${directory}/${item}` : undefined;
    return stringAt(item, 'target') ?? `${directory}/${valueText(item['source'] ?? null)}`;
  };

const port: Identity = (item) => {
  if (!isMapping(item)) return typeof item === 'object' ? undefined : valueText(item);
  if (item['target'] === undefined) return undefined;
  const { host_ip: host = '0.0.0.0', published = null, target, protocol = 'tcp' } = item;
  return `${valueText(host)}:${valueText(published)}:${valueText(target)}/${valueText(protocol)}`;
};

const envFile: Identity = (item) => {
  if (isMapping(item)) return stringAt(item, 'path');
  return typeof item === 'string' ? item : undefined;
};

const identities = new PathTable<Identity>({
  ...{ 'networks.*.labels': beforeEquals, 'networks.*.ipam.options': beforeEquals },
  ...{ 'volumes.*.labels': beforeEquals },
  ...Object.fromEntries(
    [
      ...['annotations', 'build.args', 'build.additional_contexts', 'build.tags', 'build.labels', 'cap_add'],
      ...['cap_drop', 'deploy.labels', 'dns', 'dns_opt', 'dns_search', 'environment', 'labels', 'links'],
      ...['networks.*.aliases', 'networks.*.link_local_ips', 'profiles', 'sysctls', 'tmpfs'],
    ].map((attribute) => [`services.*.${attribute}`, beforeEquals]),
  ),
  ...{ 'services.*.expose': text, 'services.*.ports': port, 'services.*.env_file': envFile },
  ...{ 'services.*.configs': mountedAt(''), 'services.*.secrets': mountedAt('/run/secrets') },
  ...{ 'services.*.volumes': volumeTarget, 'services.*.devices': deviceTarget },
});

function stringAt(mapping: Mapping, key: string): string | undefined {
  const value = mapping[key];
  return typeof value === 'string' ? value : undefined;
}
