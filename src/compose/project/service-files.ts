import { access } from 'node:fs/promises';
import { parseDotenv, parseRawEnv, type Variables } from '../file/dotenv.js';
import { failAnywhere, named } from '../file/load-context.js';
import type { Path } from '../file/path.js';
import type { Lookup } from '../file/template.js';
import type { YamlDocument } from '../file/yaml-file.js';
import type { Project } from '../model/project.js';
import type { EnvFile, Service } from '../model/service.js';

export interface ServiceFileOptions {
  /** For the places of errors. */
  readonly documents: readonly YamlDocument[];
  readonly readText: (file: string) => Promise<string>;
  readonly warn: (message: string) => void;
  /** False: `env_file` stays as it is and is not read. */
  readonly environment: boolean;
}

/** Reads the env files and label files of the enabled services into their environment and labels. */
export async function withServiceFiles(project: Project, options: ServiceFileOptions): Promise<Project> {
  const services = await Promise.all(
    Object.entries(project.services).map(async ([name, service]) => {
      const environed = options.environment ? await withEnvFiles(service, project, options) : service;
      return [name, await withLabelFiles(environed, options)] as const;
    }),
  );
  return { ...project, services: Object.fromEntries(services) };
}

async function withEnvFiles(
  service: Service,
  project: Project,
  options: ServiceFileOptions,
): Promise<Service> {
  const own = Object.entries(service.environment).map(
    ([name, value]) => [name, value ?? project.environment[name] ?? null] as const,
  );
  const found = new Map<string, string>();
  const lookup: Lookup = (name) => found.get(name) ?? project.environment[name];
  for (const [index, file] of service.envFile.entries()) {
    const at = ['services', service.name, 'env_file', index];
    for (const [name, value] of await readEnvFile(file, at, lookup, options)) found.set(name, value);
  }
  return {
    ...service,
    environment: { ...Object.fromEntries(found), ...Object.fromEntries(own) },
    envFile: [],
  };
}

async function withLabelFiles(service: Service, options: ServiceFileOptions): Promise<Service> {
  const found = new Map<string, string>();
  const lookup: Lookup = (name) => found.get(name);
  for (const [index, path] of service.labelFile.entries()) {
    const file = { path, required: true };
    const at = ['services', service.name, 'label_file', index];
    for (const [name, value] of await readEnvFile(file, at, lookup, options)) found.set(name, value);
  }
  return {
    ...service,
    labels: { ...Object.fromEntries(found), ...service.labels },
    labelFile: [],
  };
}

async function readEnvFile(
  file: EnvFile,
  at: Path,
  lookup: Lookup,
  options: ServiceFileOptions,
): Promise<Variables> {
  if (!file.required && !(await exists(file.path))) return new Map();
  const text = await named(options.readText(file.path), (message) =>
    failAnywhere(options.documents, at, message),
  );
  if (file.format === 'raw') return parseRawEnv(text);
  const unset = (name: string) =>
    options.warn(`The "${name}" variable is not set. Defaulting to a blank string.`);
  return parseDotenv(text, file.path, { lookup, unset });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
