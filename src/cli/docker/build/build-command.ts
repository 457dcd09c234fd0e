import type { EngineClient } from '../../../api/client/engine-client.js';
import { stepExitCode } from '../../../api/client/errors.js';
import type { ContextSource } from '../../../build/open-context.js';
import type { FrontEndAnswer } from '../../../build/solve/ask-front-end.js';
import type { BuildEngine } from '../../../build/solve/build-with-session.js';
import { EngineCommand } from '../engine-command.js';
import type { BuildFlags } from './build-flags.js';
import { buildOptions } from './build-request.js';
import { type Call, parseCall } from './call/parse-call.js';
import { chooseBuilder } from './choose-builder.js';
import { type ProgressKind, progressKinds } from './progress/display.js';
import { runBuild } from './run-build.js';

/** The ID of the image, empty where none was made; or what was answered in place of building. */
export type BuildResult = { readonly id: string } | { readonly answer: unknown };

/** A command that builds an image: with BuildKit where the engine has it, else with the classic builder. */
export abstract class BuildCommand extends EngineCommand {
  /** Throws ENGINE_STREAM_ERROR when a step fails. */
  protected async build(place: string, flags: BuildFlags): Promise<BuildResult> {
    const source = { place, dockerfile: flags.file, stdin: this.stdio.stdin };
    const call = parseCall(flags);
    using client = await this.engineClient(flags.machine);
    using buildKit = await chooseBuilder(client, flags, this.environment, this.signal);
    if (!buildKit) return { id: await this.classic(client, source, flags) };
    return await this.withBuildKit({ client, buildKit }, source, flags, call);
  }

  private async withBuildKit(
    engine: BuildEngine,
    source: ContextSource,
    flags: BuildFlags,
    call: Call | undefined,
  ): Promise<BuildResult> {
    // Loaded when there is something to be built with it.
    const { askInSession, buildInSession } = await import('./build-in-session.js');
    const { sessionRequest } = await import('./session-request.js');
    const command = {
      ...(await this.buildSurroundings()),
      ...{ stdio: this.stdio, idFile: flags.iidfile, metadataFile: flags['metadata-file'] },
      request: sessionRequest(flags, source, this.environment),
      progress: this.progressKind(flags),
      authorize: (image: string) => this.registryAuthorization(image),
    };
    if (!call) return { id: await buildInSession(engine, command, this.signal) };
    return await this.answer(call, await askInSession(engine, call, command, this.signal));
  }

  private async answer(call: Call, answer: FrontEndAnswer): Promise<BuildResult> {
    const { answerStatus, answerText, answerValue } = await import('./call/answer-text.js');
    if (!this.jsonEnabled()) this.print(answerText(call, answer));
    process.exitCode = answerStatus(call, answer);
    return { answer: answerValue(answer) };
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
