import { type ApiVersion, compareVersions, maximumApiVersion, minimumApiVersion } from '../../api/version.js';
import { version } from '../../shared/version.js';
import { clientTooNew, clientTooOld } from './errors.js';

export interface VersionedPath {
  readonly version: ApiVersion;
  /** The path behind the prefix. */
  readonly path: string;
}

/** On every answer, errors included. */
export const versionHeaders: Readonly<Record<string, string>> = {
  'Api-Version': maximumApiVersion,
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Server: `tsmachine/${version} (linux)`,
};

/** Splits "/v1.41/info"; a path without a prefix has the newest version. */
export function splitVersion(path: string): VersionedPath {
  const match = /^\/v([0-9.]+)(\/.*)$/.exec(path);
  if (!match) return { version: maximumApiVersion, path };
  return { version: match[1] as ApiVersion, path: match[2] ?? '/' }; // checkVersion follows
}

/** Throws API_VERSION_TOO_OLD, API_VERSION_TOO_NEW. */
export function checkVersion(asked: ApiVersion): void {
  if (compareVersions(asked, minimumApiVersion) < 0) throw clientTooOld(asked, minimumApiVersion);
  if (compareVersions(asked, maximumApiVersion) > 0) throw clientTooNew(asked, maximumApiVersion);
}
