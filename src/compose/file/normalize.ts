import path from 'node:path';
import type { Lookup } from './template.js';
import { isMapping, isSequence, type Mapping, mappingAt, mapValues, type Value, valueText } from './value.js';

/** Says what a file with its long forms means without saying it: the default network, implied dependencies, names. */
export function normalize(content: Mapping, projectName: string, environment: Lookup): Mapping {
  const services = mapValues(mappingAt(content, 'services'), (service) =>
    isMapping(service) ? normalizeService(service, environment) : service,
  );
  const networks = mappingAt(content, 'networks');
  const usesDefault = Object.values(services).some(
    (service) => isMapping(service) && Object.hasOwn(mappingAt(service, 'networks'), 'default'),
  );
  const withDefault =
    usesDefault && networks['default'] === undefined ? { default: null, ...networks } : networks;
  return {
    ...content,
    services,
    ...(Object.keys(withDefault).length > 0 ? { networks: named(withDefault, projectName) } : {}),
    ...Object.fromEntries(
      ['volumes', 'secrets', 'configs']
        .filter((kind) => content[kind] !== undefined)
        .map((kind) => [kind, named(mappingAt(content, kind), projectName)]),
    ),
  };
}

function normalizeService(service: Mapping, environment: Lookup): Mapping {
  const dependencies = { ...implied(service), ...mappingAt(service, 'depends_on') };
  const { build, volumes, environment: variables } = service;
  return {
    ...service,
    ...(service['pull_policy'] === 'if_not_present' ? { pull_policy: 'missing' } : {}),
    ...(isMapping(build) ? { build: normalizeBuild(build, environment) } : {}),
    ...(variables === undefined ? {} : { environment: resolveVariables(variables, environment, true) }),
    ...(Object.keys(dependencies).length > 0 ? { depends_on: dependencies } : {}),
    ...(isSequence(volumes) ? { volumes: volumes.map(cleanTarget) } : {}),
    ...(joinsDefault(service) ? { networks: { default: null } } : {}),
  };
}

function joinsDefault(service: Mapping): boolean {
  return service['network_mode'] === undefined && Object.keys(mappingAt(service, 'networks')).length === 0;
}

function normalizeBuild(build: Mapping, environment: Lookup): Mapping {
  const hasDockerfile = build['dockerfile'] !== undefined || build['dockerfile_inline'] !== undefined;
  return {
    context: '.',
    ...build,
    ...(hasDockerfile ? {} : { dockerfile: 'Dockerfile' }),
    ...(build['args'] === undefined ? {} : { args: resolveVariables(build['args'], environment, false) }),
  };
}

/** Variables without a value take that of the environment; those that have none there stay or go. */
function resolveVariables(variables: Value, environment: Lookup, keep: boolean): Value {
  if (isMapping(variables)) {
    return Object.fromEntries(
      Object.entries(variables)
        .map(([key, value]): [string, Value] => [key, value ?? environment(key) ?? null])
        .filter(([, value]) => keep || value !== null),
    );
  }
  if (!isSequence(variables)) return variables;
  return variables
    .map((item) => {
      const text = valueText(item);
      const value = text.includes('=') ? undefined : environment(text);
      return value === undefined ? text : `${text}=${value}`;
    })
    .filter((item) => keep || item.includes('='));
}

const started = (restart: boolean): Mapping => ({ condition: 'service_started', restart, required: true });

/** What links, shared namespaces and volumes_from make a service depend on. */
function implied(service: Mapping): Mapping {
  const found = new Map<string, Mapping>();
  for (const from of textsAt(service, 'volumes_from')) {
    if (!from.startsWith('container:')) found.set(from.split(':')[0] ?? from, started(false));
  }
  for (const namespace of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const reference = service[namespace];
    if (typeof reference !== 'string' || !reference.startsWith('service:')) continue;
    found.set(reference.slice('service:'.length), started(true));
  }
  for (const link of textsAt(service, 'links')) found.set(link.split(':')[0] ?? link, started(true));
  return Object.fromEntries(found);
}

function textsAt(mapping: Mapping, key: string): readonly string[] {
  const value = mapping[key];
  return isSequence(value) ? value.map(valueText) : [];
}

function cleanTarget(volume: Value): Value {
  if (!isMapping(volume) || typeof volume['target'] !== 'string') return volume;
  return { ...volume, target: path.posix.normalize(volume['target']).replace(/(?<=.)\/$/, '') };
}

/** Lists of variables get the values of the environment; what is included has an environment of its own. */
export function resolveListedVariables(content: Mapping, environment: Lookup): Mapping {
  if (!isMapping(content['services'])) return content;
  const services = mapValues(content['services'], (service) =>
    isMapping(service) && isSequence(service['environment'])
      ? { ...service, environment: resolveVariables(service['environment'], environment, true) }
      : service,
  );
  return { ...content, services };
}

/** Without a name of its own a resource is called after its key and the project. */
function named(resources: Mapping, projectName: string): Mapping {
  return mapValues(resources, (resource, key) => {
    const fields: Mapping = isMapping(resource) ? resource : {};
    if (fields['name'] !== undefined && fields['name'] !== null) return fields;
    const external = ['true', '1', 't'].includes(valueText(fields['external'] ?? null).toLowerCase());
    return { ...fields, name: external ? key : `${projectName}_${key}` };
  });
}
