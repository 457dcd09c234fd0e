import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import { attributeUnsupported } from './errors.js';

/** What a file may say, and nothing here can do. Its absence would be noticed late, so it is refused at once. */
const unsupported: Readonly<Record<string, (service: Service) => boolean>> = {
  provider: ({ provider }) => provider !== undefined,
  models: ({ models }) => Object.keys(models).length > 0,
  use_api_socket: ({ useApiSocket }) => useApiSocket,
  credential_spec: ({ credentialSpec }) => credentialSpec !== undefined,
};

/** Throws ATTRIBUTE_UNSUPPORTED for the first of these services that has one. */
export function refuseUnsupported(project: Project, services: readonly string[]): void {
  for (const name of services) {
    const service = project.services[name];
    if (!service) continue;
    const found = Object.entries(unsupported).find(([, isUsed]) => isUsed(service));
    if (found) throw attributeUnsupported(name, found[0]);
  }
}
