import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import { profileUnreadable } from '../plan/errors.js';

/** The service with the content of its seccomp profiles in the place of their paths, as the engine takes them. */
export async function readSecurityProfiles(project: Project, service: Service): Promise<Service> {
  const securityOpt = await Promise.all(
    service.securityOpt.map(async (option) => {
      const path = /^seccomp[=:](.+)$/.exec(option)?.[1];
      if (path === undefined || path === 'unconfined' || path === 'builtin') return option;
      try {
        const profile: unknown = JSON.parse(await readFile(resolve(project.workingDirectory, path), 'utf8'));
        return `seccomp=${JSON.stringify(profile)}`;
      } catch (error) {
        throw profileUnreadable(path, error);
      }
    }),
  );
  return { ...service, securityOpt };
}
