import { isJsonObject } from '../shared/json.js';

/** The `filters` of list, prune and events: name → values. Filters of different names are joined by AND. */
export type Filters = ReadonlyMap<string, ReadonlySet<string>>;

const noFilters: Filters = new Map();

/**
 * Reads both forms: `{"status":["running"]}` and the older `{"status":{"running":true}}`, where a false value
 * means absent. Undefined for text that is neither.
 */
export function parseFilters(json: string | undefined): Filters | undefined {
  if (json === undefined || json === '') return noFilters;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (value === null) return noFilters;
  if (!isJsonObject(value)) return undefined;
  const filters = new Map<string, ReadonlySet<string>>();
  for (const [name, values] of Object.entries(value)) {
    const chosen = valuesOf(values);
    if (!chosen) return undefined;
    if (chosen.size > 0) filters.set(name, chosen);
  }
  return filters;
}

/** The form that every version of the API understands. */
export function formatFilters(filters: Readonly<Record<string, readonly string[]>>): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(filters).map(([name, values]) => [
        name,
        Object.fromEntries(values.map((value) => [value, true])),
      ]),
    ),
  );
}

/** Whether labels satisfy `label` filters: "key" or "key=value", all of them. */
export function matchesLabels(
  wanted: ReadonlySet<string> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  for (const each of wanted ?? []) {
    const at = each.indexOf('=');
    const key = at === -1 ? each : each.slice(0, at);
    if (!Object.hasOwn(labels, key)) return false;
    if (at !== -1 && labels[key] !== each.slice(at + 1)) return false;
  }
  return true;
}

function valuesOf(values: unknown): Set<string> | undefined {
  if (values === null) return new Set();
  if (Array.isArray(values)) {
    return values.every((each) => typeof each === 'string') ? new Set(values) : undefined;
  }
  if (!isJsonObject(values)) return undefined;
  const entries = Object.entries(values);
  if (!entries.every(([, chosen]) => typeof chosen === 'boolean')) return undefined;
  return new Set(entries.filter(([, chosen]) => chosen).map(([value]) => value));
}
