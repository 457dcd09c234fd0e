import type { BuildEngine } from '../../build/solve/build-with-session.js';
import type { Build, SshKey } from '../../compose/model/build.js';
import type { Project } from '../../compose/model/project.js';
import { imageName } from '../../compose/naming.js';
import { parseAttestations, parseCache } from '../docker/build/session/attribute-flags.js';
import { buildOutputs } from '../docker/build/session/output-flags.js';
import {
  type BuildSurroundings,
  runSessionBuild,
  type SessionBuildRequest,
} from '../docker/build/session/run-session-build.js';
import type { SecretSource } from '../docker/build/session/secret-flags.js';
import type { SshSource } from '../docker/build/session/ssh-flags.js';
import { contextService } from './build-order.js';
import { buildSecretUnsupported, contextServiceUnknown } from './errors.js';
import {
  buildArguments,
  buildLabels,
  contextSource,
  type ServiceBuild,
  stepOptions,
} from './service-build.js';

/** Builds a service's image with BuildKit. Throws ENGINE_STREAM_ERROR when a step fails. */
export async function buildInSession(
  engine: BuildEngine,
  build: ServiceBuild,
  surroundings: BuildSurroundings,
  signal: AbortSignal,
): Promise<void> {
  await runSessionBuild(engine, sessionRequest(build), surroundings, signal);
}

/** What is asked of BuildKit for it. */
export function sessionRequest({
  project,
  service,
  build,
  image,
  choice,
}: ServiceBuild): SessionBuildRequest {
  const { provenance, sbom } = build;
  return {
    source: contextSource(project, build),
    options: {
      ...stepOptions(build),
      buildArgs: buildArguments(project, build, choice),
      labels: buildLabels(project, service, build),
      target: build.target,
      platforms:
        build.platforms.length > 0
          ? build.platforms
          : [service.platform].filter((each) => each !== undefined),
      noCache: build.noCache || choice.noCache,
      pull: build.pull || choice.pull,
      attestations: parseAttestations({ provenance, sbom }),
    },
    contexts: contextsOf(project, service.name, build),
    outputs: buildOutputs({ tag: [image, ...build.tags] }),
    cacheFrom: build.cacheFrom.flatMap((text) => parseCache('--cache-from', text)),
    cacheTo: build.cacheTo.flatMap((text) => parseCache('--cache-to', text)),
    entitlements: [...build.entitlements, ...(build.privileged ? ['security.insecure'] : [])],
    secrets: build.secrets.map(({ source, target }) => secretOf(project, service.name, source, target)),
    ssh: sshSources(build.ssh, choice.ssh),
  };
}

/** "service:NAME" is the image that was built for it. */
function contextsOf(project: Project, service: string, build: Build): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(build.additionalContexts).map(([name, place]) => {
      const other = contextService(place);
      if (other === undefined) return [name, place];
      const found = project.services[other];
      if (!found?.build) throw contextServiceUnknown(service, other);
      return [name, `docker-image://${imageName(project, found)}`];
    }),
  );
}

function secretOf(
  project: Project,
  service: string,
  source: string,
  target: string | undefined,
): SecretSource {
  const { file, environment } = project.secrets[source] ?? {};
  const id = target ?? source;
  if (file !== undefined) return { id, file };
  if (environment !== undefined) return { id, variable: environment };
  throw buildSecretUnsupported(service, source);
}

/** What the command names goes before what the file does. */
function sshSources(ofFile: readonly SshKey[], given: readonly SshKey[]): readonly SshSource[] {
  const paths = new Map([...ofFile, ...given].map(({ id, path }) => [id, path]));
  return [...paths].map(([id, path]) => ({ id, paths: path === undefined ? [] : [path] }));
}
