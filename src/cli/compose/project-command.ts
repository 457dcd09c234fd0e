import { EngineClient } from '../../api/client/engine-client.js';
import type { ImageSource } from '../../compose/engine/ensure-images.js';
import type { Surroundings } from '../../compose/engine/up.js';
import { noSuchService } from '../../compose/errors.js';
import type { Fleet } from '../../compose/fleet.js';
import type { Project } from '../../compose/model/project.js';
import { type Along, selectServices } from '../../compose/model/select-services.js';
import { serviceMachine } from '../../compose/model/service-machine.js';
import { projectMachines } from '../../compose/placement.js';
import { observeContainers, observeResources } from '../../compose/state/observe.js';
import { projectFromLabels } from '../../compose/state/project-from-labels.js';
import { activeMachine } from '../../machine/store/access.js';
import { isTsmachineError } from '../../shared/errors.js';
import { silentDisplay } from '../docker/build/progress/display.js';
import { ComposeCommand } from './compose-command.js';
import type { ProjectFlags } from './flags.js';
import { imageSource, plainBuild } from './image-source.js';
import { labelledMachines } from './labelled-machines.js';
import { type OpenProgress, openProgress } from './open-progress.js';
import type { RegistryLogins } from './registry-logins.js';
import type { BuildChoice } from './service-build.js';
import { type ComposeSettings, composeSettings, type SettingFlags } from './settings.js';

/** Of Docker Compose: what a mount or an endpoint means depends on it. */
const apiVersion = '1.47';

/** A machine that does not answer is not waited for longer than this to find a project. */
const deadlines = { connectTimeoutMs: 5_000, requestTimeoutMs: 15_000 };

/** The flags that every command of a project has. */
export interface CommonFlags extends ProjectFlags, SettingFlags {
  readonly machine: string | undefined;
}

export interface ProjectRequest {
  /** Services that were named; none: all. */
  readonly services: readonly string[];
  /** Which others come along. */
  readonly along: Along;
  /** Seconds until a container that is stopped is killed. */
  readonly timeout?: number | undefined;
}

/** What a command works with: the project with the services that are meant, and the machines they are on. */
export interface OpenProject extends Surroundings {
  readonly progress: OpenProgress;
  readonly settings: ComposeSettings;
  /** All of the project, also what is not meant. */
  readonly whole: Project;
  /** Names of the services that are meant. */
  readonly services: readonly string[];
}

/** A command that does something with a project's containers. */
export abstract class ProjectCommand extends ComposeCommand {
  static override enableJsonFlag = false;

  /** Opens the project and its machines for `work`. Throws what `loadProject` throws, and NO_SUCH_SERVICE. */
  protected async withProject<T>(
    flags: CommonFlags,
    request: ProjectRequest,
    work: (open: OpenProject) => Promise<T>,
  ): Promise<T> {
    const whole = await this.loadProject(flags, request.services);
    using clients = new DisposableStack();
    const fleet = await this.openFleet(whole, flags.machine, clients);
    return await this.withWhole(flags, request, { whole, fleet }, work);
  }

  /**
   * As `withProject`; where there is no Compose file but the project is named, it is what the labels of its containers,
   * networks and volumes say.
   */
  protected async withProjectOrLabels<T>(
    flags: CommonFlags,
    request: ProjectRequest,
    work: (open: OpenProject) => Promise<T>,
  ): Promise<T> {
    let environment: Project['environment'];
    let name: string | undefined;
    try {
      return await this.withProject(flags, request, work);
    } catch (error) {
      if (!isTsmachineError(error) || error.code !== 'COMPOSE_FILE_NOT_FOUND') throw error;
      environment = await this.projectVariables(flags);
      name = flags['project-name'] || environment['COMPOSE_PROJECT_NAME'];
      if (!name) throw error;
    }
    using clients = new DisposableStack();
    const home = flags.machine ?? activeMachine(this.storage, this.environment);
    const fleet = await this.fleetOf(home, await this.labelledMachines(name, flags, home), clients);
    const [containers, resources] = await Promise.all([
      observeContainers(fleet, name, this.signal),
      observeResources(fleet, this.signal),
    ]);
    const whole = { ...projectFromLabels(name, containers, [...resources.values()]), environment };
    return await this.withWhole(flags, request, { whole, fleet }, work);
  }

  /** Only the named machine, or all that the project is on. */
  private async labelledMachines(
    project: string,
    { machine }: Pick<CommonFlags, 'machine'>,
    home: string,
  ): Promise<readonly string[]> {
    if (machine !== undefined) return [home];
    const found = await labelledMachines({
      ...{ project, home, signal: this.signal, others: () => this.machines.runningNames() },
      client: async (name) => new EngineClient(await this.machines.engine(name), deadlines),
    });
    const known = new Set(await this.machines.names());
    const gone = found.filter((name) => !known.has(name));
    if (gone.length > 0) this.reporter.warn(`of the project's machines ${gone.join(', ')} is gone`);
    return found.filter((name) => known.has(name));
  }

  private async withWhole<T>(
    flags: CommonFlags,
    request: ProjectRequest,
    { whole, fleet }: { readonly whole: Project; readonly fleet: Fleet },
    work: (open: OpenProject) => Promise<T>,
  ): Promise<T> {
    const all = Object.keys(whole.services);
    const project = selectServices(whole, request.services, request.along, (name) =>
      noSuchService(name, all),
    );
    const settings = composeSettings(flags, { ...this.environment, ...whole.environment });
    const { stdout, stderr } = this.stdio;
    const progress = openProgress(settings.progressOnStdout ? stdout : stderr, settings.progress);
    try {
      return await work({
        ...{ project, whole, fleet, progress, settings, signal: this.signal, dryRun: flags['dry-run'] },
        ...{ timeout: request.timeout, parallel: settings.parallel },
        services: Object.keys(project.services),
      });
    } finally {
      progress.close();
    }
  }

  /** Pulls with the user's logins, builds, and tells the progress of the project. */
  protected imageSource(
    { whole, progress, signal }: OpenProject,
    options: {
      readonly quietPull?: boolean;
      readonly build?: BuildChoice;
      readonly quietBuild?: boolean;
      readonly repeats?: boolean;
    } = {},
  ): ImageSource {
    return imageSource({
      ...{ project: whole, progress, signal, logins: this.registryLogins },
      ...{ build: options.build ?? plainBuild, quietPull: options.quietPull ?? false },
      repeats: options.repeats ?? false,
      print: (text) => (options.quietBuild ? undefined : progress.print(text)),
      builds: () => (options.quietBuild ? silentDisplay : progress.builds()),
      surroundings: () => this.buildSurroundings(),
    });
  }

  protected get registryLogins(): RegistryLogins {
    return {
      authorize: (name) => this.registryAuthorization(name),
      all: () => this.registryConfiguration(),
    };
  }

  /** The active machine is not needed where every service names one. */
  private async openFleet(
    project: Project,
    machine: string | undefined,
    stack: DisposableStack,
  ): Promise<Fleet> {
    const named = Object.values(project.services).map((service) => serviceMachine(project, service));
    const first = named.every((name) => name !== undefined) ? named[0] : undefined;
    const home = machine ?? first ?? activeMachine(this.storage, this.environment);
    return await this.fleetOf(home, projectMachines(project, home), stack);
  }

  private async fleetOf(home: string, machines: readonly string[], stack: DisposableStack): Promise<Fleet> {
    const clients = new Map<string, EngineClient>();
    for (const name of machines) {
      const endpoint = await this.engineEndpoint(name);
      clients.set(name, stack.use(new EngineClient(endpoint, { apiVersion })));
    }
    return {
      home,
      machines,
      client(name) {
        const client = clients.get(name);
        if (!client) throw new Error(`machine "${name}" is none of the project's`);
        return client;
      },
    };
  }
}
