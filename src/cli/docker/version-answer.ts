import type { EngineClient } from '../../api/client/engine-client.js';
import { engineVersion } from '../../api/client/system.js';
import type { VersionResponse } from '../../api/system.js';
import { maximumApiVersion } from '../../api/version.js';
import { version } from '../../shared/version.js';

/** The two sides as docker's `version` tells them. */
export interface VersionAnswer {
  readonly Client: ClientVersion;
  /** Null when the engine does not answer. */
  readonly Server: VersionResponse | null;
}

interface ClientVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly DefaultAPIVersion: string;
  readonly NodeVersion: string;
  readonly Os: string;
  readonly Arch: string;
  /** The machine. */
  readonly Context: string;
}

export interface AskedVersion {
  readonly answer: VersionAnswer;
  /** Why there is no server's part. */
  readonly failure: unknown;
}

/** Asks the engine; the client's part is there in any case. */
export async function askVersion(
  client: EngineClient,
  machine: string,
  signal: AbortSignal,
): Promise<AskedVersion> {
  let server: VersionResponse | null = null;
  let failure: unknown;
  let spoken: string = maximumApiVersion;
  try {
    server = await engineVersion(client, signal);
    spoken = await client.apiVersion(signal);
  } catch (error) {
    signal.throwIfAborted();
    failure = error;
  }
  return { answer: { Client: ownVersion(machine, spoken), Server: server && withGoNames(server) }, failure };
}

function ownVersion(machine: string, spoken: string): ClientVersion {
  return withGoNames({
    ...{ Version: version, ApiVersion: spoken, DefaultAPIVersion: maximumApiVersion },
    ...{ NodeVersion: process.versions.node, Os: process.platform, Arch: goArchitecture() },
    Context: machine,
  });
}

/** Templates know the field of Go, JSON the one of the API. */
function withGoNames<T extends { readonly ApiVersion: string }>(part: T): T {
  return Object.defineProperty({ ...part }, 'APIVersion', { value: part.ApiVersion, enumerable: false });
}

function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** Docker's own layout; a line without a value is left out. */
export function versionText({ Client, Server }: VersionAnswer): string {
  const { Version, ApiVersion, DefaultAPIVersion, NodeVersion, Os, Arch, Context } = Client;
  const api =
    ApiVersion === DefaultAPIVersion ? ApiVersion : `${ApiVersion} (downgraded from ${DefaultAPIVersion})`;
  const client = lines(' ', 19, [
    ['Version', Version],
    ['API version', api],
    ['Node version', NodeVersion],
    ['OS/Arch', `${Os}/${Arch}`],
    ['Context', Context],
  ]);
  return `Client:\n${client}${Server ? `\n${serverText(Server)}` : ''}`;
}

function serverText({ Platform, Components }: VersionResponse): string {
  const parts = Components.map(({ Name, Version, Details = {} }) => {
    const api =
      Details['ApiVersion'] && `${Details['ApiVersion']} (minimum version ${Details['MinAPIVersion']})`;
    return ` ${Name}:\n${lines('  ', 19, [
      ['Version', Version],
      ['API version', api],
      ['Go version', Details['GoVersion']],
      ['Git commit', Details['GitCommit']],
      ['Built', Details['BuildTime']],
      ['OS/Arch', Details['Os'] && `${Details['Os']}/${Details['Arch']}`],
      ['Experimental', Details['Experimental']],
    ])}`;
  });
  return `Server: ${Platform.Name}\n${parts.join('')}`;
}

function lines(
  indent: string,
  width: number,
  pairs: readonly (readonly [string, string | undefined])[],
): string {
  return pairs
    .filter(([, value]) => value)
    .map(([name, value]) => `${indent}${`${name}:`.padEnd(width - indent.length + 1)}${value}\n`)
    .join('');
}
