import type { Mapping } from '../../compose/file/value.js';
import type { Project } from '../../compose/model/project.js';
import type { LoadOptions, ProjectSources } from '../../compose/project/load-project.js';
import { EngineCommand } from '../docker/engine-command.js';
import type { ProjectFlags } from './flags.js';

type Loading = Omit<LoadOptions, 'signal' | 'warn'>;

/** A command that works on a Compose project. */
export abstract class ComposeCommand extends EngineCommand {
  /**
   * The project that the flags and the current directory say, with the profiles of these services active. Warnings go
   * to stderr. Throws COMPOSE_FILE_NOT_FOUND, COMPOSE_FILE_INVALID, COMPOSE_YAML_INVALID.
   */
  protected async loadProject(
    flags: ProjectFlags,
    services: readonly string[] = [],
    loading: Loading = {},
  ): Promise<Project> {
    // YAML and JSON schemas are of no use to other commands.
    const { loadProject } = await import('../../compose/project/load-project.js');
    return loadProject(this.#sources(flags, services), this.#options(loading));
  }

  /** What the files say together before it is a project. */
  protected async loadProjectModel(flags: ProjectFlags, loading: Loading): Promise<Mapping> {
    const { loadProjectModel } = await import('../../compose/project/load-project.js');
    return loadProjectModel(this.#sources(flags, []), this.#options(loading));
  }

  /** The shell's variables and those of env files, also where there is no Compose file. */
  protected async projectVariables(flags: ProjectFlags): Promise<Readonly<Record<string, string>>> {
    const { projectVariables } = await import('../../compose/project/load-project.js');
    return projectVariables(this.#sources(flags, []), this.#options({}));
  }

  #sources(flags: ProjectFlags, services: readonly string[]): ProjectSources {
    return {
      files: flags.file ?? [],
      projectName: flags['project-name'],
      projectDirectory: flags['project-directory'],
      profiles: flags.profile ?? [],
      envFiles: flags['env-file'] ?? [],
      compatibility: flags.compatibility,
      allResources: flags['all-resources'],
      ...{ services, environment: this.environment, currentDirectory: process.cwd(), stdin: process.stdin },
    };
  }

  #options(loading: Loading): LoadOptions {
    return { signal: this.signal, warn: (message) => this.reporter.warn(message), ...loading };
  }
}
