import { isMapping } from '../file/value.js';
import type { Project } from '../model/project.js';
import { type Codec, type Encoded, encodedExtensions, encodeValue, entry } from './codec.js';
import { record } from './collections.js';
import { compareJsonKeys } from './key-order.js';
import { fileObject, model, network, volume } from './resource-codecs.js';
import { service } from './service-codec.js';

/** A project as docker compose's `config` shows it in YAML. */
export function projectYaml(project: Project): Encoded {
  const { services } = project;
  return new Map<string, Encoded>([
    ...entry('name', project.name || undefined),
    ['services', record(service).yaml(services) ?? new Map()],
    ...Object.entries(resourceCodecs(project)).flatMap(([key, { yaml }]) => entry(key, yaml)),
    ...encodedExtensions(project.extensions),
  ]);
}

/** The same in JSON, keys of the project sorted. */
export function projectJson(project: Project): Encoded {
  const { services, extensions } = project;
  const entries: [string, Encoded][] = [
    ['name', project.name],
    ['services', record(service).json(services) ?? new Map()],
    ...Object.entries(resourceCodecs(project)).flatMap(([key, { json }]) => entry(key, json)),
    ...Object.entries(extensions).map(([key, value]): [string, Encoded] => [key, encodeExtension(value)]),
  ];
  return new Map(entries.sort(([a], [b]) => compareJsonKeys(a, b)));
}

interface Written {
  readonly yaml: Encoded | undefined;
  readonly json: Encoded | undefined;
}

function resourceCodecs(project: Project): Readonly<Record<string, Written>> {
  return {
    networks: written(network, project.networks),
    volumes: written(volume, project.volumes),
    secrets: written(fileObject, project.secrets),
    configs: written(fileObject, project.configs),
    models: written(model, project.models),
  };
}

function written<T>(codec: Codec<T>, values: Readonly<Record<string, T>>): Written {
  return { yaml: record(codec).yaml(values), json: record(codec).json(values) };
}

function encodeExtension(value: unknown): Encoded {
  return isMapping({ value }) ? encodeValue(JSON.parse(JSON.stringify(value)), compareJsonKeys) : null;
}
