import type { EngineClient } from '../../../api/client/engine-client.js';
import { stepExitCode } from '../../../api/client/errors.js';
import type { ContextSource } from '../../../build/open-context.js';
import type { BuildEngine } from '../../../build/solve/build-with-session.js';
import { EngineCommand } from '../engine-command.js';
import type { BuildFlags } from './build-flags.js';
import { buildOptions } from './build-request.js';
import { chooseBuilder } from './choose-builder.js';
import { type ProgressKind, progressKinds } from './progress/display.js';
import { runBuild } from './run-build.js';

/** A command that builds an image: with BuildKit where the engine has it, else with the classic builder. */
export abstract class BuildCommand extends EngineCommand {
  /** Answers the ID of the image. Throws ENGINE_STREAM_ERROR when a step fails. */
  protected async build(place: string, flags: BuildFlags): Promise<string> {
    const source = { place, dockerfile: flags.file, stdin: this.stdio.stdin };
    using client = await this.engineClient(flags.machine);
    using buildKit = await chooseBuilder(client, flags, this.environment, this.signal);
    if (!buildKit) return await this.classic(client, source, flags);
    return await this.withBuildKit({ client, buildKit }, source, flags);
  }

  private async withBuildKit(engine: BuildEngine, source: ContextSource, flags: BuildFlags): Promise<string> {
    // Loaded when there is something to be built with it.
    const { buildInSession } = await import('./build-in-session.js');
    const { sessionRequest } = await import('./session-request.js');
    const request = sessionRequest(flags, source, this.environment);
    return await buildInSession(
      engine,
      {
        ...(await this.buildSurroundings()),
        ...{ request, stdio: this.stdio, idFile: flags.iidfile, metadataFile: flags['metadata-file'] },
        progress: this.progressKind(flags),
        authorize: (image) => this.registryAuthorization(image),
      },
      this.signal,
    );
  }

  private async classic(client: EngineClient, source: ContextSource, flags: BuildFlags): Promise<string> {
    const registryConfig = await this.registryConfiguration();
    const options = { ...buildOptions(flags, this.environment), registryConfig };
    const output = flags.quiet || this.jsonEnabled() ? undefined : this.stdio.stdout;
    const request = { source, options, compress: flags.compress ?? true, idFile: flags.iidfile };
    return await runBuild(client, request, output, this.signal);
  }

  private progressKind(flags: BuildFlags): ProgressKind {
    if (flags.quiet || this.jsonEnabled()) return 'quiet';
    return (
      flags.progress ?? progressKinds.find((kind) => kind === this.environment['BUILDKIT_PROGRESS']) ?? 'auto'
    );
  }

  protected override exitCode(error: unknown): number {
    return stepExitCode(error) ?? super.exitCode(error);
  }
}
