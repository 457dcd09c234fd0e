import type { Project } from './model/project.js';
import type { Service } from './model/service.js';
import { serviceMachine } from './model/service-machine.js';

/** The machine that a service is on: the one it names, or the one that the command works on. */
export function machineOf(project: Project, service: Service, home: string): string {
  return serviceMachine(project, service) ?? home;
}

/** The machines that the project's services are on, and the one that the command works on, which is the first. */
export function projectMachines(project: Project, home: string): readonly string[] {
  const services = [...Object.values(project.services), ...Object.values(project.disabledServices)];
  return [...new Set([home, ...services.map((service) => machineOf(project, service, home))])];
}
