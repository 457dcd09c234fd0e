import type { Project } from './project.js';
import type { Service } from './service.js';

/**
 * The machine a service is to run on, or undefined: the one that the command works on. Said by `x-machine` of the
 * service, by a constraint of its `deploy.placement` (`node.hostname == NAME` or `machine == NAME`), or by `x-machine`
 * of the project.
 */
export function serviceMachine(project: Project, service: Service): string | undefined {
  return (
    text(service.extensions['x-machine']) ??
    service.deploy?.placement.constraints.map(constraintMachine).find((name) => name !== undefined) ??
    text(project.extensions['x-machine'])
  );
}

function constraintMachine(constraint: string): string | undefined {
  return /^\s*(?:node\.hostname|machine)\s*==\s*(\S+)\s*$/.exec(constraint)?.[1];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
