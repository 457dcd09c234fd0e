import type { BuildRequest, BuiltImage } from '../../build/exec/request.js';
import type { BuildSettings } from '../build-host.js';
import { importCaches } from '../cache/import-caches.js';
import { credentialsOf, secretOf } from '../session/client-values.js';
import { forwardAgent } from '../session/ssh-agent.js';
import { type DockerfileSource, solveError } from '../status/buildkit-error.js';
import { StepVertices } from '../status/step-vertices.js';
import { withChecks } from './build-checks.js';
import { namedContexts } from './named-contexts.js';
import { openSources } from './open-sources.js';
import type { SolveContext } from './solve-context.js';
import { checkFrontend, type SolveOptions } from './solve-options.js';

/** Builds what a client of BuildKit asks the Dockerfile front end for. Throws GRPC_FAILED with the place of the fault. */
export async function solveDockerfile(context: SolveContext, options: SolveOptions): Promise<BuiltImage> {
  await using resources = new AsyncDisposableStack();
  const steps = new StepVertices(context.status);
  let source: DockerfileSource | undefined;
  try {
    const opened = await openSources(context, options, resources);
    source = { filename: opened.dockerfileName, text: opened.dockerfile };
    checkSyntax(opened.dockerfile);
    const settings = settingsOf(context, options);
    const importStep = await importCaches(context, options.cacheImports, settings, resources);
    const request: BuildRequest = {
      ...opened,
      namedContext: namedContexts(context, options, resources),
      ...{ target: options.target, buildArgs: options.buildArgs, labels: options.labels },
      platform: options.platform ?? context.host.platform,
      ...{
        noCache: options.noCache,
        pull: options.pull,
        cacheFrom: options.cacheFrom,
        cacheFromOnly: false,
        importStep,
        progress: steps,
      },
      secret: (id) => secretOf(context.session, id, context.signal),
      ssh: (id) => forwardAgent(context.session, id, context.host.runDirectory, context.signal),
      signal: context.signal,
    };
    return await withChecks(context, options, opened, () => context.host.build(request, settings));
  } catch (error) {
    context.signal.throwIfAborted();
    throw solveError(error, source, steps.failedStep(error));
  }
}

function settingsOf(
  { session, signal }: SolveContext,
  { hostConfig, platform }: SolveOptions,
): BuildSettings {
  return { hostConfig, platform, credentials: (registry) => credentialsOf(session, registry, signal) };
}

/** "# syntax=…" may name what the engine has itself. */
function checkSyntax(dockerfile: string): void {
  for (const line of dockerfile.replace(/^\uFEFF/, '').split('\n')) {
    const [, name = '', value = ''] = /^#\s*([a-zA-Z]+)\s*=\s*(\S+)/.exec(line.trim()) ?? [];
    if (name === '') return;
    if (name.toLowerCase() === 'syntax') checkFrontend(value, '"# syntax=" of the Dockerfile');
  }
}
