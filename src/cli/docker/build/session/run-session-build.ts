import type { CacheEntry } from '../../../../build/cache/cache-entry.js';
import { openLocalCaches } from '../../../../build/cache/local-caches.js';
import type { ContextSource } from '../../../../build/open-context.js';
import type { RegistryLogin } from '../../../../build/session/values.js';
import { askFrontEnd, type FrontEndAnswer } from '../../../../build/solve/ask-front-end.js';
import { openSources } from '../../../../build/solve/build-sources.js';
import {
  type BuildEngine,
  buildWithSession,
  type SessionBuild,
} from '../../../../build/solve/build-with-session.js';
import { type FrontEndOptions, frontEndAttributes } from '../../../../build/solve/front-end-options.js';
import { namedContexts } from '../../../../build/solve/named-contexts.js';
import type { Watch } from '../../../../build/solve/solve.js';
import type { SolveResult } from './image-result.js';
import { OutputFiles } from './output-files.js';
import type { BuildOutput } from './output-flags.js';
import { openSecrets, type SecretSource } from './secret-flags.js';
import { solveFailure, sourceExcerpt } from './solve-failure.js';
import { openSshAgents, type SshSource } from './ssh-flags.js';

/** A build as commands and Compose files ask for it. */
export interface SessionBuildRequest {
  readonly source: ContextSource;
  readonly options: FrontEndOptions;
  /** By name: directories of this computer, images, URLs. */
  readonly contexts: Readonly<Record<string, string>>;
  readonly outputs: readonly BuildOutput[];
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly entitlements: readonly string[];
  readonly secrets: readonly SecretSource[];
  readonly ssh: readonly SshSource[];
}

/** What of this computer a build may use. */
export interface BuildSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  /** How the user logs in to the registry of this host. */
  login(host: string): Promise<RegistryLogin | undefined>;
  /** The store's: engines tell by it whose directory they have. */
  readonly seed: string;
  readonly watch: Watch;
  /** Where the Dockerfile is wrong, and other notes; to be shown when the progress is over. */
  excerpt(text: string): void;
}

/**
 * Builds with an engine's BuildKit and brings the results to their places. Throws ENGINE_STREAM_ERROR when a step
 * fails, FLAG_INVALID, the errors of `openSources`, and the signal's reason; the engine then has stopped.
 */
export async function runSessionBuild(
  engine: BuildEngine,
  request: SessionBuildRequest,
  surroundings: BuildSurroundings,
  signal: AbortSignal,
): Promise<SolveResult> {
  const watch = { status: surroundings.watch, sent() {} };
  return await withBuild(request, surroundings, signal, (build) =>
    buildWithSession(engine, build, watch, signal),
  );
}

/** The Dockerfile front end's answer to a question, such as "lint"; nothing is built. Throws as `runSessionBuild`. */
export async function askSessionBuild(
  engine: BuildEngine,
  question: string,
  request: SessionBuildRequest,
  surroundings: BuildSurroundings,
  signal: AbortSignal,
): Promise<FrontEndAnswer> {
  const watch = { status: surroundings.watch, sent() {} };
  return await withBuild({ ...request, outputs: [], cacheTo: [] }, surroundings, signal, (build) =>
    askFrontEnd(engine, build, question, watch, signal),
  );
}

async function withBuild<T>(
  request: SessionBuildRequest,
  surroundings: BuildSurroundings,
  signal: AbortSignal,
  work: (build: SessionBuild) => Promise<T>,
): Promise<T> {
  const { options, outputs, cacheTo, entitlements } = request;
  const { environment, seed, login } = surroundings;
  const localCaches = await openLocalCaches(request.cacheFrom, cacheTo);
  for (const place of localCaches.missing)
    surroundings.excerpt(`WARNING: there is no cache in ${place}: nothing is taken from there\n`);
  const secrets = await openSecrets(request.secrets, environment);
  const sshAgents = await openSshAgents(request.ssh, environment);
  const contexts = await namedContexts(request.contexts);
  await using files = new OutputFiles(surroundings.stdout);
  const exports = outputs.map(({ type, attributes, place }) => ({
    ...{ type, attributes },
    target: place === undefined ? undefined : files.target(type, place),
  }));
  await using sources = await openSources(request.source, signal);
  const attributes = frontEndAttributes(options);
  const caches = { cacheFrom: localCaches.from, cacheTo, localCaches };
  const build = { sources, attributes, contexts, exports, entitlements, ...caches };
  try {
    const result = await work({ ...build, secrets, sshAgents, login, seed });
    await files.keep();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    const excerpt = sourceExcerpt(error);
    if (excerpt !== undefined) surroundings.excerpt(excerpt);
    throw solveFailure(error);
  }
}
