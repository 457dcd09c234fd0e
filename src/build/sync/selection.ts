import { type IgnoreRules, ignoreNothing, ignoreRules } from '../ignore-rules.js';
import type { SyncRequest } from './sync-source.js';

/** Which paths of a directory are wanted. */
export interface Selection {
  wants(path: string): boolean;
  /** Whether something below a directory that is not wanted itself may be. */
  mayWantBelow(directory: string): boolean;
}

/** `followed` are the paths that `request.follow` leads to; "" is the whole directory. */
export function selectionOf(request: SyncRequest, followed: readonly string[]): Selection {
  const excluded = rulesOf(request.exclude);
  const chosen = chosenBy(request, followed);
  return {
    wants: (path) => chosen.wants(path) && !excluded.ignores(path),
    mayWantBelow: (path) =>
      (chosen.wants(path) || chosen.mayWantBelow(path)) &&
      (!excluded.ignores(path) || excluded.mayKeepBelow(path)),
  };
}

function chosenBy({ include, follow }: SyncRequest, followed: readonly string[]): Selection {
  if ((include.length === 0 && follow.length === 0) || followed.includes('')) return everything;
  const rules = include.length === 0 ? undefined : ignoreRules(include.join('\n'));
  const inverse =
    include.length === 0 ? undefined : ignoreRules(include.map((each) => `!${each}`).join('\n'));
  const paths = new Set(followed);
  return {
    wants: (path) => (rules?.ignores(path) ?? false) || ancestors(path).some((each) => paths.has(each)),
    mayWantBelow: (path) =>
      (inverse?.mayKeepBelow(path) ?? false) || followed.some((each) => each.startsWith(`${path}/`)),
  };
}

const everything: Selection = { wants: () => true, mayWantBelow: () => true };

function rulesOf(patterns: readonly string[]): IgnoreRules {
  return patterns.length === 0 ? ignoreNothing : ignoreRules(patterns.join('\n'));
}

/** "a/b/c", "a/b", "a". */
function ancestors(path: string): readonly string[] {
  const found: string[] = [];
  for (let each = path; each !== ''; each = each.slice(0, Math.max(0, each.lastIndexOf('/'))))
    found.push(each);
  return found;
}
