import { access } from 'node:fs/promises';
import { fileUnreadable } from '../errors.js';
import { parseDotenv, parseRawEnv, type Variables } from '../file/dotenv.js';
import type { Lookup } from '../file/template.js';
import type { Project } from '../model/project.js';
import type { EnvFile, Service } from '../model/service.js';

export interface ServiceFileOptions {
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
  for (const file of service.envFile) {
    for (const [name, value] of await readEnvFile(file, lookup, options)) found.set(name, value);
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
  for (const path of service.labelFile) {
    const file = { path, required: true };
    for (const [name, value] of await readEnvFile(file, lookup, options)) found.set(name, value);
  }
  return {
    ...service,
    labels: { ...Object.fromEntries(found), ...service.labels },
    labelFile: [],
  };
}

async function readEnvFile(file: EnvFile, lookup: Lookup, options: ServiceFileOptions): Promise<Variables> {
  try {
    await access(file.path);
  } catch (error) {
    if (!file.required) return new Map();
    throw fileUnreadable(file.path, 'env file', error);
  }
  const text = await options.readText(file.path);
  if (file.format === 'raw') return parseRawEnv(text);
  const unset = (name: string) =>
    options.warn(`The "${name}" variable is not set. Defaulting to a blank string.`);
  return parseDotenv(text, file.path, { lookup, unset });
}
