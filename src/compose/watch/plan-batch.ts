import type { Hook } from '../model/service.js';
import type { WatchRule } from './watch-rule.js';

/** A path of this computer, and where it belongs in the container. */
export interface FileMapping {
  readonly source: string;
  readonly target: string;
}

/** What a batch of changes asks for, each thing once. */
export interface BatchWork {
  readonly rebuild: readonly string[];
  readonly sync: ReadonlyMap<string, readonly FileMapping[]>;
  readonly restart: readonly string[];
  readonly exec: readonly { readonly service: string; readonly hook: Hook }[];
}

/** Directories before what is in them. */
export function planBatch(rules: readonly WatchRule[], paths: readonly string[]): BatchWork {
  const sorted = paths.toSorted();
  const concerned = rules.flatMap((rule) => {
    const matching = sorted.filter((path) => rule.matches(path));
    return matching.length === 0 ? [] : [{ rule, matching, action: rule.trigger.action }];
  });
  const servicesOf = (wanted: (action: string) => boolean) => [
    ...new Set(concerned.filter(({ action }) => wanted(action)).map(({ rule }) => rule.service)),
  ];
  const syncing = concerned.filter(({ action }) => action.startsWith('sync'));
  return {
    rebuild: servicesOf((action) => action === 'rebuild'),
    sync: mappings(syncing),
    restart: servicesOf((action) => action.endsWith('restart')),
    exec: syncing.flatMap(({ rule: { service, trigger } }) =>
      trigger.action === 'sync+exec' && trigger.exec ? [{ service, hook: trigger.exec }] : [],
    ),
  };
}

/** By service; of several sources of a target the last one. */
function mappings(
  concerned: readonly { readonly rule: WatchRule; readonly matching: readonly string[] }[],
): ReadonlyMap<string, readonly FileMapping[]> {
  const byService = new Map<string, Map<string, FileMapping>>();
  for (const { rule, matching } of concerned) {
    const files = byService.get(rule.service) ?? new Map<string, FileMapping>();
    byService.set(rule.service, files);
    for (const source of matching) {
      const target = rule.targetOf(source);
      files.set(target, { source, target });
    }
  }
  return new Map([...byService].map(([service, files]) => [service, [...files.values()]]));
}
