import { composeVersion, type Labels, label } from '../labels.js';
import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import { serviceHash } from '../service-hash.js';

export interface ContainerIdentity {
  readonly number: number;
  /** Set for `compose run`: what makes the container's name its own. */
  readonly slug?: string | undefined;
  /** ID of the image, as long as it is known. */
  readonly imageId?: string | undefined;
  /** ID of the container that this one is to replace. */
  readonly replaces?: string | undefined;
  /** Of the whole project. */
  readonly machines?: readonly string[];
}

/** The service's labels and those by which Compose finds the container again. */
export function containerLabels(project: Project, service: Service, identity: ContainerIdentity): Labels {
  const { number, slug, imageId, replaces, machines = [] } = identity;
  return {
    ...service.labels,
    [label.project]: project.name,
    [label.service]: service.name,
    [label.version]: composeVersion,
    [label.oneOff]: slug === undefined ? 'False' : 'True',
    ...(slug !== undefined && { [label.slug]: slug }),
    [label.number]: String(number),
    [label.configFiles]: project.files.join(','),
    [label.workingDirectory]: project.workingDirectory,
    [label.configHash]: serviceHash(service),
    [label.dependsOn]: dependencies(service),
    ...(imageId !== undefined && { [label.image]: imageId }),
    ...(replaces !== undefined && { [label.replace]: replaces }),
    ...(machines.length > 1 && { [label.machines]: machines.join(',') }),
  };
}

function dependencies({ dependsOn }: Service): string {
  return Object.entries(dependsOn)
    .map(([name, { condition, restart }]) => `${name}:${condition}:${restart}`)
    .join(',');
}
