import { isAbsolute, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Ulimit } from '../../api/client/builds.js';
import { isGitUrl } from '../../build/git-context.js';
import type { ContextSource } from '../../build/open-context.js';
import { composeVersion, label } from '../../compose/labels.js';
import type { Build, SshKey } from '../../compose/model/build.js';
import type { Project } from '../../compose/model/project.js';
import type { Service } from '../../compose/model/service.js';
import type { RegistryLogins } from './registry-logins.js';

export interface BuildChoice {
  readonly noCache: boolean;
  readonly pull: boolean;
  /** Over those of the file. */
  readonly args: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly memory: number | undefined;
  /** Besides those of the file. */
  readonly ssh: readonly SshKey[];
}

/** What is to be built for a service. */
export interface ServiceBuild {
  readonly project: Project;
  readonly service: Service;
  readonly build: Build;
  readonly image: string;
  readonly choice: BuildChoice;
  readonly logins: RegistryLogins;
  /** The user has turned BuildKit off. */
  readonly isOff: boolean;
}

export function contextSource(project: Project, build: Build): ContextSource {
  const place = build.context ?? project.workingDirectory;
  if (build.dockerfileInline !== undefined) {
    return { place, dockerfile: '-', stdin: Readable.from([build.dockerfileInline]) };
  }
  const { dockerfile } = build;
  const isRelative =
    dockerfile !== undefined && !isAbsolute(dockerfile) && !isGitUrl(place) && !place.includes('://');
  return { place, dockerfile: isRelative ? join(place, dockerfile) : dockerfile, stdin: Readable.from([]) };
}

/** An argument without a value is that of the environment, where it has one. */
export function buildArguments(
  project: Project,
  build: Build,
  choice: BuildChoice,
): Readonly<Record<string, string>> {
  const own = Object.fromEntries(
    Object.entries(build.args).flatMap(([name, value]) => {
      const given = value ?? project.environment[name];
      return given === undefined ? [] : [[name, given] as const];
    }),
  );
  return { ...own, ...choice.args };
}

export function buildLabels(
  project: Project,
  service: Service,
  build: Build,
): Readonly<Record<string, string>> {
  return {
    ...build.labels,
    [label.project]: project.name,
    [label.service]: service.name,
    [label.version]: composeVersion,
  };
}

/** What the commands of the build find. */
export function stepOptions(build: Build): {
  readonly extraHosts: readonly string[];
  readonly networkMode: string | undefined;
  readonly shmSize: number | undefined;
  readonly ulimits: readonly Ulimit[];
} {
  return {
    extraHosts: Object.entries(build.extraHosts).flatMap(([host, addresses]) =>
      addresses.map((address) => `${host}:${address}`),
    ),
    networkMode: build.network,
    shmSize: build.shmSize,
    ulimits: Object.entries(build.ulimits).map(([Name, { single = 0, soft = single, hard = single }]) => {
      return { Name, Soft: soft, Hard: hard };
    }),
  };
}
