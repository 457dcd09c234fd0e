import type { Project } from '../model/project.js';

/** The services so that each comes behind those it depends on; they depend on each other in no circle. */
export function dependencyOrder(project: Project, names: readonly string[]): readonly string[] {
  const wanted = new Set(names);
  const seen = new Set<string>();
  const order: string[] = [];
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const other of Object.keys(project.services[name]?.dependsOn ?? {})) visit(other);
    if (wanted.has(name)) order.push(name);
  };
  for (const name of names) visit(name);
  return order;
}
