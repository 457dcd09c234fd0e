import type { Project } from '../../compose/model/project.js';
import { parseImageReference } from '../docker/image-reference.js';

/** The project with every image pinned to its digest: `docker.io/library/alpine:3.20@sha256:…`. */
export async function withImageDigests(
  project: Project,
  digestOf: (image: string) => Promise<string>,
): Promise<Project> {
  const services = await Promise.all(
    Object.entries(project.services).map(async ([name, service]) => {
      const { image } = service;
      return [
        name,
        image === undefined ? service : { ...service, image: await pinned(image, digestOf) },
      ] as const;
    }),
  );
  return { ...project, services: Object.fromEntries(services) };
}

async function pinned(image: string, digestOf: (image: string) => Promise<string>): Promise<string> {
  const { canonical } = parseImageReference(image);
  return image.includes('@') ? canonical : `${canonical}@${await digestOf(canonical)}`;
}
