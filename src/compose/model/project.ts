import type { Extensions, Strings } from './elements.js';
import type { Service } from './service.js';

/**
 * A Compose project as the specification describes it, read from its files, merged, interpolated, normalised and
 * checked. Every attribute has one form, whatever was written. What was not written is undefined; lists and records are
 * empty then, and switches false.
 */
export interface Project {
  readonly name: string;
  /** Absolute; what relative paths in the files were relative to. */
  readonly workingDirectory: string;
  /** Absolute paths of the files given or found, in the order of merging; `-` is standard input. */
  readonly files: readonly string[];
  /** What variables were interpolated from: the shell's environment and the env files of the project. */
  readonly environment: Readonly<Record<string, string>>;
  /** Between the parts of names of containers and images: "_" is that of docker-compose 1. */
  readonly separator: '-' | '_';
  /** The profiles that are active. */
  readonly profiles: readonly string[];
  /** By name; only those whose profile is active or that were named. */
  readonly services: Readonly<Record<string, Service>>;
  /** By name; those that no active profile has. */
  readonly disabledServices: Readonly<Record<string, Service>>;
  /** By their key in the file; `default` among them when a service uses it. */
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly secrets: Readonly<Record<string, FileObject>>;
  readonly configs: Readonly<Record<string, FileObject>>;
  readonly models: Readonly<Record<string, Model>>;
  /** Top-level `x-…` keys as they were written. */
  readonly extensions: Extensions;
}

export interface Network {
  /** The engine's name of it: `PROJECT_KEY` unless `name` says otherwise. */
  readonly name: string;
  readonly driver?: string | undefined;
  readonly driverOpts: Strings;
  readonly ipam: Ipam;
  /** It exists already and is not managed. */
  readonly external: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Strings;
  readonly enableIpv4?: boolean | undefined;
  readonly enableIpv6?: boolean | undefined;
  readonly extensions: Extensions;
}

export interface Ipam {
  readonly driver?: string | undefined;
  readonly config: readonly IpamPool[];
  readonly options: Strings;
  readonly extensions: Extensions;
}

export interface IpamPool {
  readonly subnet?: string | undefined;
  readonly gateway?: string | undefined;
  readonly ipRange?: string | undefined;
  readonly auxAddresses: Strings;
  readonly extensions: Extensions;
}

export interface Volume {
  /** The engine's name of it: `PROJECT_KEY` unless `name` says otherwise. */
  readonly name: string;
  readonly driver?: string | undefined;
  readonly driverOpts: Strings;
  /** It exists already and is not managed. */
  readonly external: boolean;
  readonly labels: Strings;
  readonly extensions: Extensions;
}

/** A secret or a config. Exactly one of `file`, `environment`, `content` and `external` is there. */
export interface FileObject {
  readonly name: string;
  /** Absolute path. */
  readonly file?: string | undefined;
  /** Name of the variable of `Project.environment` whose value is the content. */
  readonly environment?: string | undefined;
  /** Only of configs. */
  readonly content?: string | undefined;
  readonly external: boolean;
  readonly labels: Strings;
  readonly driver?: string | undefined;
  readonly driverOpts: Strings;
  readonly templateDriver?: string | undefined;
  readonly extensions: Extensions;
}

/** A language model that services are given the address of. */
export interface Model {
  readonly name?: string | undefined;
  readonly model?: string | undefined;
  readonly contextSize?: number | undefined;
  readonly runtimeFlags: readonly string[];
  readonly extensions: Extensions;
}
