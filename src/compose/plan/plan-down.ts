import type { NetworkResource } from '../../api/network.js';
import { label } from '../labels.js';
import type { Project } from '../model/project.js';
import { imageName } from '../naming.js';
import { machineOf } from '../placement.js';
import type { Observed } from './plan-creation.js';
import { orphansOf } from './plan-creation.js';
import { planRemoval } from './plan-stop.js';
import { removal } from './removal.js';
import type { Step } from './step.js';

export interface DownRequest {
  readonly project: Project;
  /** Only these; empty: everything. */
  readonly services: readonly string[];
  readonly volumes: boolean;
  readonly images: 'local' | 'all' | undefined;
  readonly removeOrphans: boolean;
  readonly home: string;
}

/** Containers against the order of dependencies, then networks, and volumes and images if wanted. */
export function planDown(request: DownRequest, observed: Observed): readonly Step[] {
  const { project, services, removeOrphans } = request;
  const names = services.length > 0 ? services : Object.keys(project.services);
  const considered = observed.containers.filter(({ oneOff }) => removeOrphans || !oneOff);
  const own = planRemoval(project, names, considered, request.volumes);
  const planned = new Set(own.map(({ id }) => id));
  const orphans = removeOrphans
    ? orphansOf(project, observed.containers)
        .flatMap((container) => removal(container, { volumes: request.volumes }))
        .filter(({ id }) => !planned.has(id))
    : [];
  const containers = [...own, ...orphans];
  const after = containers.map(({ id }) => id);
  if (services.length > 0) return [...containers, ...imageSteps(request, names, after)];
  return [
    ...containers,
    ...networkSteps(project, observed, after),
    ...(request.volumes ? volumeSteps(project, observed, after) : []),
    ...imageSteps(request, names, after),
  ];
}

function networkSteps(project: Project, { resources }: Observed, after: readonly string[]): readonly Step[] {
  return [...resources].flatMap(([machine, { networks }]) =>
    networks
      .filter((network) => isOfProject(project, network))
      .map(({ Id, Name }): Step => {
        const action = { kind: 'remove-network', machine, id: Id, name: Name } as const;
        return { id: `remove-network:${machine}/${Id}`, after, action };
      }),
  );
}

function isOfProject(project: Project, { Name, Labels }: NetworkResource): boolean {
  if (Labels?.[label.project] !== project.name) return false;
  return Object.entries(project.networks).some(
    ([key, network]) => !network.external && network.name === Name && Labels[label.network] === key,
  );
}

function volumeSteps(project: Project, { resources }: Observed, after: readonly string[]): readonly Step[] {
  const names = Object.values(project.volumes).flatMap(({ external, name }) => (external ? [] : [name]));
  return [...resources].flatMap(([machine, { volumes }]) =>
    volumes
      .filter(({ Name }) => names.includes(Name))
      .map(({ Name }): Step => {
        const action = { kind: 'remove-volume', machine, name: Name } as const;
        return { id: `remove-volume:${machine}/${Name}`, after, action };
      }),
  );
}

/** "local": only those that were built without a name of their own. */
function imageSteps(
  { project, images, home }: DownRequest,
  names: readonly string[],
  after: readonly string[],
): readonly Step[] {
  if (images === undefined) return [];
  const steps = names.flatMap((key): readonly Step[] => {
    const service = project.services[key];
    if (!service || (images === 'local' && service.image !== undefined)) return [];
    const machine = machineOf(project, service, home);
    const name = imageName(project, service);
    return [
      { id: `remove-image:${machine}/${name}`, after, action: { kind: 'remove-image', machine, name } },
    ];
  });
  return [...new Map(steps.map((step) => [step.id, step])).values()];
}
