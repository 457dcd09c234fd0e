import { nearest } from '../../shared/nearest.js';
import type { Path } from '../file/path.js';
import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import type { Problem } from './problem.js';

interface Reference {
  readonly path: Path;
  /** What is referred to is among these. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly message: string;
}

/** What a service refers to and the project does not have, in Compose's words. */
export function referenceProblems(project: Project, service: Service): readonly Problem[] {
  const references = [...resources(project, service), ...services(project, service)];
  return references
    .filter(({ known, name }) => known[name] === undefined)
    .map(({ path, message, known, name }) => {
      const similar = nearest(name, Object.keys(known));
      return { path, message, ...(similar === undefined ? {} : { hint: `did you mean "${similar}"?` }) };
    });
}

function resources(
  project: Project,
  { name: own, networks, volumes, ...service }: Service,
): readonly Reference[] {
  const at = ['services', own];
  const undefinedOne = (kind: string, name: string) => `service "${own}" refers to undefined ${kind} ${name}`;
  const files = (key: string, kind: string, known: Project['secrets'], sources: Service['secrets']) =>
    sources.map(({ source: name }, index) => ({
      ...{ path: [...at, ...key.split('.'), index], known, name },
      message: undefinedOne(kind, name),
    }));
  return [
    ...Object.keys(networks).map((name) => ({
      ...{ path: [...at, 'networks', name], known: project.networks, name },
      message: undefinedOne('network', name),
    })),
    ...volumes.flatMap(({ type, source: name }, index) =>
      type !== 'volume' || name === undefined
        ? []
        : [
            {
              ...{ path: [...at, 'volumes', index], known: project.volumes, name },
              message: undefinedOne('volume', name),
            },
          ],
    ),
    ...files('build.secrets', 'build secret', project.secrets, service.build?.secrets ?? []),
    ...files('configs', 'config', project.configs, service.configs),
    ...files('secrets', 'secret', project.secrets, service.secrets),
    ...Object.keys(service.models).map((name) => ({
      ...{ path: [...at, 'models', name], known: project.models, name },
      message: undefinedOne('model', name),
    })),
  ];
}

function services(project: Project, service: Service): readonly Reference[] {
  const at = ['services', service.name];
  const all = { ...project.services, ...project.disabledServices };
  const namespace = /^service:(.*)$/.exec(service.networkMode ?? '')?.[1];
  return [
    ...(namespace === undefined
      ? []
      : [
          {
            ...{ path: [...at, 'network_mode'], known: project.services, name: namespace },
            message: `service "${namespace}" not found for network_mode 'service:${namespace}'`,
          },
        ]),
    ...Object.entries(service.dependsOn).map(([name, { required }]) => ({
      ...{ path: [...at, ...dependencyPath(service, name)], known: required ? project.services : all, name },
      message: `service "${service.name}" depends on undefined service "${name}"`,
    })),
    ...Object.entries(service.build?.additionalContexts ?? {}).flatMap(([context, text]) => {
      const name = /^service:(.*)$/.exec(text)?.[1];
      if (name === undefined) return [];
      return [
        {
          ...{ path: [...at, 'build', 'additional_contexts', context], known: project.services, name },
          message: `service "${service.name}" declares unknown service "${name}" as additional contexts ${context}`,
        },
      ];
    }),
  ];
}

/** Where a service says that it needs another one: some attributes imply it. */
function dependencyPath(service: Service, name: string): Path {
  const names = (list: readonly string[]) => list.findIndex((text) => text.split(':')[0] === name);
  const [link, from] = [names(service.links), names(service.volumesFrom)];
  if (link >= 0) return ['links', link];
  if (from >= 0) return ['volumes_from', from];
  const namespaces = ['ipc', 'pid', 'uts', 'cgroup'] as const;
  const sharing = namespaces.find((key) => service[key] === `service:${name}`);
  return sharing === undefined ? ['depends_on', name] : [sharing];
}
