import { type BuildOptions, buildImage } from '../../api/client/builds.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { openContext } from '../../build/open-context.js';
import type { Build } from '../../compose/model/build.js';
import type { Project } from '../../compose/model/project.js';
import type { Service } from '../../compose/model/service.js';
import { buildKitMissing } from '../docker/build/errors.js';
import {
  type BuildChoice,
  buildArguments,
  buildLabels,
  contextSource,
  type ServiceBuild,
  stepOptions,
} from './service-build.js';

/** Builds a service's image with the classic builder. Throws ENGINE_STREAM_ERROR, BUILDKIT_NEEDED. */
export async function buildClassically(
  client: EngineClient,
  request: ServiceBuild,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { project, service, build, image, choice, logins, isOff } = request;
  refuseBuildKit(service.name, build, isOff);
  await using context = await openContext(contextSource(project, build), signal);
  const messages = buildImage(
    client,
    { tar: context.tar, compress: !context.isCompressed },
    {
      ...buildOptions(project, service, build, choice),
      tags: [image, ...build.tags],
      dockerfile: context.dockerfile,
      registryConfig: await logins.all(),
    },
    signal,
  );
  for await (const { stream, status, aux } of messages) {
    if (aux === undefined) print(stream ?? `${status ?? ''}\n`);
  }
}

function buildOptions(project: Project, service: Service, build: Build, choice: BuildChoice): BuildOptions {
  return {
    buildArgs: buildArguments(project, build, choice),
    labels: buildLabels(project, service, build),
    target: build.target,
    platform: build.platforms[0] ?? service.platform,
    cacheFrom: build.cacheFrom,
    ...stepOptions(build),
    isolation: build.isolation,
    noCache: build.noCache || choice.noCache,
    pull: build.pull || choice.pull,
    memory: choice.memory,
    removeContainers: true,
  };
}

/** What the classic builder cannot do: refused by name, lest the image is another than the one that was asked for. */
function refuseBuildKit(service: string, build: Build, isOff: boolean): void {
  const used = [
    ...(build.secrets.length > 0 ? ['secrets'] : []),
    ...(build.ssh.length > 0 ? ['ssh'] : []),
    ...(Object.keys(build.additionalContexts).length > 0 ? ['additional_contexts'] : []),
    ...(build.entitlements.length > 0 || build.privileged ? ['entitlements'] : []),
    ...(build.platforms.length > 1 ? ['platforms'] : []),
  ];
  if (used[0] !== undefined) throw buildKitMissing(`services.${service}.build.${used[0]}`, isOff);
}
