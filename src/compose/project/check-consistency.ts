import { failAnywhere } from '../file/load-context.js';
import type { YamlDocument } from '../file/yaml-file.js';
import { findCycle } from '../model/cycle.js';
import type { Project } from '../model/project.js';
import type { Problem } from './problem.js';
import { referenceProblems } from './reference-problems.js';
import { serviceProblems } from './service-problems.js';
import { networkProblems, valueProblems } from './value-problems.js';

/** Throws COMPOSE_FILE_INVALID for the first thing that does not fit together. */
export function checkConsistency(project: Project, documents: readonly YamlDocument[]): void {
  const problem = firstProblem(project);
  if (problem === undefined) return;
  throw failAnywhere(documents, problem.path, problem.message, problem.hint ? [problem.hint] : []);
}

function firstProblem(project: Project): Problem | undefined {
  for (const service of Object.values(project.services)) {
    const [first] = [
      ...serviceProblems(service),
      ...valueProblems(service),
      ...referenceProblems(project, service),
    ];
    if (first) return first;
  }
  return cycleProblem(project) ?? sameNameProblem(project) ?? networkProblems(project)[0];
}

function cycleProblem(project: Project): Problem | undefined {
  const cycle = findCycle(project);
  if (cycle === undefined) return undefined;
  const [name = '', next = ''] = cycle;
  return {
    path: ['services', name, 'depends_on', next],
    message: `dependency cycle detected: ${cycle.join(' -> ')}`,
  };
}

function sameNameProblem(project: Project): Problem | undefined {
  const owners = new Map<string, string>();
  for (const { name, containerName } of Object.values(project.services)) {
    if (containerName === undefined) continue;
    const other = owners.get(containerName);
    if (other !== undefined) {
      return {
        path: ['services', name, 'container_name'],
        message: `services.${name}: container name "${containerName}" is already in use by service ${other}`,
      };
    }
    owners.set(containerName, name);
  }
  return undefined;
}
