import { isAbsolute, join } from 'node:path';
import { Readable } from 'node:stream';
import { type BuildOptions, buildImage } from '../../api/client/builds.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { isGitUrl } from '../../build/git-context.js';
import { type ContextSource, openContext } from '../../build/open-context.js';
import { composeVersion, label } from '../../compose/labels.js';
import type { Build } from '../../compose/model/build.js';
import type { Project } from '../../compose/model/project.js';
import type { Service } from '../../compose/model/service.js';
import { buildKitNeeded } from './errors.js';
import type { RegistryLogins } from './registry-logins.js';

export interface BuildChoice {
  readonly noCache: boolean;
  readonly pull: boolean;
  /** Over those of the file. */
  readonly args: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly memory: number | undefined;
}

/** Builds a service's image on an engine and hands on what it says. Throws ENGINE_STREAM_ERROR, BUILDKIT_NEEDED. */
export async function buildService(
  client: EngineClient,
  request: {
    readonly project: Project;
    readonly service: Service;
    readonly image: string;
    readonly choice: BuildChoice;
    readonly logins: RegistryLogins;
  },
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { project, service, image, choice, logins } = request;
  const { build } = service;
  if (!build) return;
  refuseBuildKit(service.name, build);
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

function contextSource(project: Project, build: Build): ContextSource {
  const place = build.context ?? project.workingDirectory;
  if (build.dockerfileInline !== undefined) {
    return { place, dockerfile: '-', stdin: Readable.from([build.dockerfileInline]) };
  }
  const { dockerfile } = build;
  const isRelative =
    dockerfile !== undefined && !isAbsolute(dockerfile) && !isGitUrl(place) && !place.includes('://');
  return { place, dockerfile: isRelative ? join(place, dockerfile) : dockerfile, stdin: Readable.from([]) };
}

function buildOptions(project: Project, service: Service, build: Build, choice: BuildChoice): BuildOptions {
  return {
    buildArgs: { ...buildArguments(project, build), ...choice.args },
    labels: {
      ...build.labels,
      [label.project]: project.name,
      [label.service]: service.name,
      [label.version]: composeVersion,
    },
    target: build.target,
    platform: build.platforms[0] ?? service.platform,
    cacheFrom: build.cacheFrom,
    extraHosts: Object.entries(build.extraHosts).flatMap(([host, addresses]) =>
      addresses.map((address) => `${host}:${address}`),
    ),
    networkMode: build.network,
    shmSize: build.shmSize,
    ulimits: Object.entries(build.ulimits).map(([Name, { single = 0, soft = single, hard = single }]) => {
      return { Name, Soft: soft, Hard: hard };
    }),
    isolation: build.isolation,
    noCache: build.noCache || choice.noCache,
    pull: build.pull || choice.pull,
    memory: choice.memory,
    removeContainers: true,
  };
}

/** An argument without a value is that of the environment, where it has one. */
function buildArguments(project: Project, build: Build): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(build.args).flatMap(([name, value]) => {
      const given = value ?? project.environment[name];
      return given === undefined ? [] : [[name, given] as const];
    }),
  );
}

/** What the classic builder cannot do: refused by name, lest the image is another than the one that was asked for. */
function refuseBuildKit(service: string, build: Build): void {
  const used = [
    ...(build.secrets.length > 0 ? ['secrets'] : []),
    ...(build.ssh.length > 0 ? ['ssh'] : []),
    ...(Object.keys(build.additionalContexts).length > 0 ? ['additional_contexts'] : []),
    ...(build.entitlements.length > 0 || build.privileged ? ['entitlements'] : []),
    ...(build.platforms.length > 1 ? ['platforms'] : []),
  ];
  if (used[0] !== undefined) throw buildKitNeeded(service, used[0]);
}
