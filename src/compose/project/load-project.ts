import path from 'node:path';
import { composeInvalid } from '../errors.js';
import { isOn } from '../file/boolean.js';
import { fileTitle, type LoadContext } from '../file/load-context.js';
import { loadModel } from '../file/load-model.js';
import { normalize } from '../file/normalize.js';
import type { Mapping } from '../file/value.js';
import { readYaml, type YamlDocument } from '../file/yaml-file.js';
import { withProfiles, withServicesEnabled } from '../model/profiles.js';
import type { Project } from '../model/project.js';
import { withUsedResources } from '../model/used-resources.js';
import { checkConsistency } from './check-consistency.js';
import { decodeProject } from './decode-project.js';
import { findFiles } from './find-files.js';
import { projectEnvironment } from './project-environment.js';
import { projectName } from './project-name.js';
import { textReader } from './read-text.js';
import { withServiceFiles } from './service-files.js';

/** What a project is read from. */
export interface ProjectSources {
  /** `-f`. */
  readonly files: readonly string[];
  /** `-p`. */
  readonly projectName?: string | undefined;
  /** `--project-directory`. */
  readonly projectDirectory?: string | undefined;
  /** `--profile`; when empty those of COMPOSE_PROFILES. */
  readonly profiles: readonly string[];
  /** `--env-file`. */
  readonly envFiles: readonly string[];
  /** Services named on the command line: their profiles are active, too. */
  readonly services: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly currentDirectory: string;
  readonly stdin: NodeJS.ReadableStream;
  /** `--compatibility`. */
  readonly compatibility?: boolean | undefined;
  /** `--all-resources`: keep also what no service uses. */
  readonly allResources?: boolean | undefined;
}

export interface LoadOptions {
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
  /** All are on unless they are switched off, as `config` can. */
  readonly interpolate?: boolean | undefined;
  readonly normalize?: boolean | undefined;
  readonly resolvePaths?: boolean | undefined;
  readonly consistency?: boolean | undefined;
  /** Env files are read into the services' environment; else they stay. */
  readonly resolveEnvironment?: boolean | undefined;
}

/** Finds, reads, merges and checks the Compose files of a project. Errors say file, line and column. */
export async function loadProject(sources: ProjectSources, options: LoadOptions): Promise<Project> {
  const { frame, model, context } = await readModel(sources, options);
  const { warn, readText, documents } = context;
  const all = decodeProject(model, frame, documents);
  const project = withServicesEnabled(withProfiles(all, frame.profiles), sources.services);
  if (options.consistency ?? true) checkConsistency(project, documents);
  const environment = options.resolveEnvironment ?? true;
  const whole = await withServiceFiles(withReplicas(project), {
    ...{ readText, warn, environment, documents },
  });
  return sources.allResources ? whole : withUsedResources(whole);
}

/** What the files say together, in long forms, but not yet as a project: variables may still be in it. */
export async function loadProjectModel(sources: ProjectSources, options: LoadOptions): Promise<Mapping> {
  const { frame, model } = await readModel(sources, options);
  return { ...model, name: frame.name };
}

interface ReadModel {
  readonly frame: Frame;
  readonly model: Mapping;
  readonly context: LoadContext;
}

async function readModel(sources: ProjectSources, options: LoadOptions): Promise<ReadModel> {
  const warn = once(options.warn);
  const readText = textReader(sources.stdin, options.signal);
  const frame = await findProject(sources, warn, readText);
  const interpolate = options.interpolate ?? true;
  const lookup = (name: string) => (interpolate ? frame.environment[name] : undefined);
  const context: LoadContext = {
    ...{ workingDirectory: frame.workingDirectory, lookup, warn, readText, interpolate, documents: [] },
    pathBase: (options.resolvePaths ?? true) ? frame.workingDirectory : undefined,
  };
  const model = await loadModel(frame.files, context);
  if (context.documents.length === 0)
    throw composeInvalid(fileTitle(frame.files[0] ?? ''), 'empty compose file');
  const normal = (options.normalize ?? true) ? normalize(model, frame.name, lookup) : model;
  return { frame, model: normal, context };
}

/** Where both are there, `scale` and `deploy.replicas` say the same. */
function withReplicas(project: Project): Project {
  const services = Object.entries(project.services).map(([name, service]) => {
    const { scale, deploy } = service;
    const same = scale === undefined || deploy === undefined;
    return [name, same ? service : { ...service, deploy: { ...deploy, replicas: scale } }] as const;
  });
  return { ...project, services: Object.fromEntries(services) };
}

type Frame = Pick<Project, 'name' | 'workingDirectory' | 'files' | 'environment' | 'profiles' | 'separator'>;

async function findProject(
  sources: ProjectSources,
  warn: (message: string) => void,
  readText: (file: string) => Promise<string>,
): Promise<Frame> {
  const { currentDirectory, environment: shell } = sources;
  const { given, start } = directories(sources);
  const reading = { shell, envFiles: sources.envFiles, currentDirectory, warn, readText };
  const first = await projectEnvironment({ ...reading, workingDirectory: start });
  const lookup = (name: string) => first[name];
  const files = await findFiles({
    ...{ given: sources.files, environment: lookup, directory: start, currentDirectory, warn },
  });
  const mainFile = files.find((file) => file !== '-');
  const workingDirectory = given || (mainFile ? path.dirname(mainFile) : currentDirectory);
  const environment =
    workingDirectory === start ? first : await projectEnvironment({ ...reading, workingDirectory });
  const substitution = { lookup: (name: string) => environment[name], unset: () => {} };
  const documents: YamlDocument[] = [];
  for (const file of files) documents.push(...readYaml(await readText(file), fileTitle(file)));
  const name = projectName({
    ...{ given: sources.projectName, environment: substitution.lookup, documents, substitution },
    workingDirectory,
  });
  return {
    ...{ name, workingDirectory, files },
    environment: { ...environment, COMPOSE_PROJECT_NAME: name },
    separator: sources.compatibility || isOn(environment['COMPOSE_COMPATIBILITY']) ? '_' : '-',
    profiles: activeProfiles(sources.profiles, environment['COMPOSE_PROFILES']),
  };
}

/** The project directory as far as it is given, and where the search for files begins. */
function directories({ projectDirectory, files, currentDirectory }: ProjectSources) {
  const given = projectDirectory && path.resolve(currentDirectory, projectDirectory);
  const firstFile = files.find((file) => file !== '-');
  const ofFile = firstFile && path.dirname(path.resolve(currentDirectory, firstFile));
  return { given, start: given || ofFile || currentDirectory };
}

/** What variables are known where there may be no Compose file. */
export async function projectVariables(
  sources: ProjectSources,
  { signal, warn }: Pick<LoadOptions, 'signal' | 'warn'>,
): Promise<Readonly<Record<string, string>>> {
  const { environment: shell, envFiles, currentDirectory, stdin } = sources;
  const readText = textReader(stdin, signal);
  const { start: workingDirectory } = directories(sources);
  return await projectEnvironment({ shell, envFiles, currentDirectory, workingDirectory, warn, readText });
}

function activeProfiles(given: readonly string[], listed: string | undefined): readonly string[] {
  const profiles = given.length > 0 ? given : (listed ?? '').split(',');
  return profiles.map((profile) => profile.trim()).filter((profile) => profile !== '');
}

/** The same warning is said once. */
function once(warn: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) warn(message);
    said.add(message);
  };
}
