import { type ApiVersion, compareVersions } from '../../api/version.js';
import type { Method, Route } from './route.js';

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly route: Route;
  readonly pattern: RegExp;
}

/** Finds the route of a method and a path: literal paths in order of the table, first match. */
export class Router {
  readonly #byMethod = new Map<string, Compiled[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const table = this.#byMethod.get(route.method) ?? [];
      table.push({ route, pattern: compile(route.path) });
      this.#byMethod.set(route.method, table);
    }
  }

  /** `path` is percent-encoded, without the version's prefix. Undefined when there is none. */
  match(method: string, path: string, version: ApiVersion): Match | undefined {
    for (const { route, pattern } of this.#byMethod.get(method satisfies string as Method) ?? []) {
      const found = pattern.exec(path);
      if (!found || (route.since && compareVersions(version, route.since) < 0)) continue;
      const params = decodeAll(found.groups ?? {});
      return params && { route, params };
    }
    return undefined;
  }
}

/** "/images/{name:path}/json" → /^\/images\/(?<name>.+)\/json$/ */
function compile(path: string): RegExp {
  const source = path.replace(/\{(\w+)(:path)?\}/g, (_, name: string, slashes?: string) =>
    slashes ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${source}/?$`);
}

function decodeAll(groups: Record<string, string>): Record<string, string> | undefined {
  try {
    return Object.fromEntries(Object.entries(groups).map(([key, value]) => [key, decodeURIComponent(value)]));
  } catch {
    return undefined; // a malformed escape names nothing
  }
}
