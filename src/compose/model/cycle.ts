import type { Project } from './project.js';

/** Services that depend on each other in a circle, the first one again at the end; undefined when there is none. */
export function findCycle({ services }: Project): readonly string[] | undefined {
  const done = new Set<string>();
  const search = (path: readonly string[], name: string): readonly string[] | undefined => {
    const start = path.indexOf(name);
    if (start !== -1) return [...path.slice(start), name];
    if (done.has(name)) return undefined;
    for (const other of Object.keys(services[name]?.dependsOn ?? {}).sort()) {
      const cycle = search([...path, name], other);
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(services).sort()) {
    const cycle = search([], name);
    if (cycle) return cycle;
  }
  return undefined;
}
