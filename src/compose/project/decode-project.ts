import { extensionsOf, ShapeError } from '../codec/codec.js';
import { record } from '../codec/collections.js';
import { fileObject, model, network, volume } from '../codec/resource-codecs.js';
import { service } from '../codec/service-codec.js';
import { failAnywhere } from '../file/load-context.js';
import { type Mapping, mappingAt, mapValues } from '../file/value.js';
import type { YamlDocument } from '../file/yaml-file.js';
import type { Project } from '../model/project.js';

type ProjectFrame = Pick<Project, 'name' | 'workingDirectory' | 'files' | 'environment' | 'separator'>;

/** Reads a normalised model; all services are enabled. Throws COMPOSE_FILE_INVALID. */
export function decodeProject(
  content: Mapping,
  frame: ProjectFrame,
  documents: readonly YamlDocument[],
): Project {
  try {
    return {
      ...frame,
      profiles: [],
      services: record(service).decode(
        mapValues(mappingAt(content, 'services'), (fields, name) => ({ ...Object(fields), name })),
        ['services'],
      ),
      disabledServices: {},
      networks: record(network).decode(mappingAt(content, 'networks'), ['networks']),
      volumes: record(volume).decode(mappingAt(content, 'volumes'), ['volumes']),
      secrets: record(fileObject).decode(mappingAt(content, 'secrets'), ['secrets']),
      configs: record(fileObject).decode(mappingAt(content, 'configs'), ['configs']),
      models: record(model).decode(mappingAt(content, 'models'), ['models']),
      extensions: extensionsOf(content),
    };
  } catch (error) {
    if (error instanceof ShapeError) throw failAnywhere(documents, error.path, error.message);
    throw error;
  }
}
