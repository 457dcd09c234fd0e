import { type Filters, matchesLabels } from '../../../api/filters.js';
import type { NetworkResource } from '../../../api/network.js';
import { invalidFilter } from '../errors.js';

const known = new Set(['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
const predefinedNames = new Set(['bridge', 'host', 'none']);

/** `filters` of the list. Throws FILTER_INVALID. */
export function networkFilter(filters: Filters): (network: NetworkResource) => boolean {
  for (const name of filters.keys()) if (!known.has(name)) throw invalidFilter(name);
  const dangling = filters.get('dangling');
  for (const value of dangling ?? []) {
    if (!/^(true|false|0|1)$/.test(value)) throw invalidFilter('dangling', dangling);
  }
  for (const value of filters.get('type') ?? []) {
    if (!['builtin', 'custom'].includes(value)) throw invalidFilter('type', filters.get('type'));
  }
  return (network) => matches(network, filters);
}

function matches(
  { Name, Id, Driver, Scope, Labels, Containers }: NetworkResource,
  filters: Filters,
): boolean {
  const any = (name: string, test: (value: string) => boolean): boolean => {
    const values = filters.get(name);
    return values === undefined || [...values].some(test);
  };
  const isBuiltin = predefinedNames.has(Name);
  const isDangling = !isBuiltin && Object.keys(Containers).length === 0;
  return (
    any('name', (value) => Name.includes(value)) &&
    any('id', (value) => Id.startsWith(value)) &&
    any('driver', (value) => Driver === value) &&
    any('scope', (value) => Scope === value) &&
    any('type', (value) => (value === 'builtin') === isBuiltin) &&
    any('dangling', (value) => /^(true|1)$/.test(value) === isDangling) &&
    matchesLabels(filters.get('label'), Labels)
  );
}
