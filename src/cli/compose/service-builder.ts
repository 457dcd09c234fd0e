import type { EngineClient } from '../../api/client/engine-client.js';
import type { BuildEngine } from '../../build/solve/build-with-session.js';
import type { Project } from '../../compose/model/project.js';
import type { Service } from '../../compose/model/service.js';
import { imageName } from '../../compose/naming.js';
import { findBuildKit, isOff } from '../docker/build/find-buildkit.js';
import type { BuildDisplay } from '../docker/build/progress/display.js';
import type { BuildSurroundings } from '../docker/build/session/run-session-build.js';
import { BuildDisplays } from './build-displays.js';
import { builtBefore, refuseCycle } from './build-order.js';
import { buildClassically } from './classic-build.js';
import type { RegistryLogins } from './registry-logins.js';
import type { BuildChoice, ServiceBuild } from './service-build.js';

export interface ServiceBuilderOptions {
  readonly project: Project;
  readonly signal: AbortSignal;
  readonly choice: BuildChoice;
  readonly logins: RegistryLogins;
  /** What the classic builder says. */
  readonly print: (text: string) => void;
  /** Opened for builds by BuildKit. */
  readonly builds: () => BuildDisplay;
  surroundings(): Promise<Omit<BuildSurroundings, 'watch' | 'excerpt' | 'stdout'>>;
}

/**
 * Builds the images of services: with BuildKit where the engine has it, else with the classic builder. An image is
 * built once on each engine, and before those that begin with it (`additional_contexts: { base: service:NAME }`).
 */
export class ServiceBuilder {
  readonly #options: ServiceBuilderOptions;
  readonly #displays: BuildDisplays;
  readonly #builds = new Map<string, Promise<void>>();

  constructor(options: ServiceBuilderOptions) {
    this.#options = options;
    this.#displays = new BuildDisplays(options.builds);
  }

  /** Throws ENGINE_STREAM_ERROR when a step fails, BUILDKIT_NEEDED with the key of the file, BUILD_CYCLE. */
  async build(client: EngineClient, service: Service, image: string): Promise<void> {
    refuseCycle(this.#options.project, service);
    await this.#once(client, service, image);
  }

  #once(client: EngineClient, service: Service, image: string): Promise<void> {
    const key = `${client.url} ${image}`;
    const build = this.#builds.get(key) ?? this.#inOrder(client, service, image);
    this.#builds.set(key, build);
    return build;
  }

  async #inOrder(client: EngineClient, service: Service, image: string): Promise<void> {
    const { project } = this.#options;
    for (const other of builtBefore(project, service))
      await this.#once(client, other, imageName(project, other));
    await this.#build(client, service, image);
  }

  async #build(client: EngineClient, service: Service, image: string): Promise<void> {
    const { project, choice, logins, print, signal } = this.#options;
    if (!service.build) return;
    const surroundings = await this.#options.surroundings();
    const off = isOff(surroundings.environment);
    const build = { project, service, build: service.build, image, choice, logins, isOff: off };
    const isLimited = choice.memory !== undefined;
    using buildKit = isLimited ? undefined : await findBuildKit(client, surroundings.environment, signal);
    if (!buildKit) return await buildClassically(client, build, print, signal);
    await this.#withBuildKit({ client, buildKit }, build, surroundings);
  }

  async #withBuildKit(
    engine: BuildEngine,
    build: ServiceBuild,
    surroundings: Awaited<ReturnType<ServiceBuilderOptions['surroundings']>>,
  ): Promise<void> {
    const { buildInSession } = await import('./session-build.js'); // few commands build
    let excerpt = '';
    try {
      using display = this.#displays.begin(build.service.name);
      const around = {
        ...surroundings,
        // Secrets are of the project's variables, agents of this shell.
        environment: { ...surroundings.environment, ...build.project.environment },
        ...{ stdout: process.stdout, watch: display.watch },
        excerpt: (text: string) => {
          excerpt += text;
        },
      };
      await buildInSession(engine, build, around, this.#options.signal);
    } finally {
      if (excerpt !== '') this.#options.print(excerpt);
    }
  }
}
