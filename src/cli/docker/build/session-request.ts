import type { ContextSource } from '../../../build/open-context.js';
import { parseKeyValues } from '../key-values.js';
import type { BuildFlags } from './build-flags.js';
import { buildOptions } from './build-request.js';
import { parseAttestations, parseCache } from './session/attribute-flags.js';
import { buildOutputs } from './session/output-flags.js';
import type { SessionBuildRequest } from './session/run-session-build.js';
import { parseSecretFlag } from './session/secret-flags.js';
import { parseSshFlag } from './session/ssh-flags.js';

/** Flags as a build by BuildKit. Throws FLAG_INVALID. */
export function sessionRequest(
  flags: BuildFlags,
  source: ContextSource,
  environment: NodeJS.ProcessEnv,
): SessionBuildRequest {
  const {
    buildArgs = {},
    labels = {},
    target,
    ulimits = [],
    extraHosts = [],
    ...rest
  } = buildOptions(flags, environment);
  return {
    source,
    options: {
      ...{ buildArgs, labels, target, ulimits, extraHosts },
      ...{ networkMode: rest.networkMode, shmSize: rest.shmSize, cgroupParent: rest.cgroupParent },
      ...{ noCache: flags['no-cache'] ?? false, pull: flags.pull ?? false },
      platforms: (flags.platform ?? []).flatMap((text) => text.split(',')).filter(Boolean),
      noCacheFilter: (flags['no-cache-filter'] ?? []).flatMap((text) => text.split(',')),
      attestations: parseAttestations(flags),
    },
    contexts: parseKeyValues('--build-context', flags['build-context'] ?? []),
    outputs: buildOutputs(flags),
    cacheFrom: (flags['cache-from'] ?? []).flatMap((text) => parseCache('--cache-from', text)),
    cacheTo: (flags['cache-to'] ?? []).flatMap((text) => parseCache('--cache-to', text)),
    entitlements: (flags.allow ?? []).flatMap((text) => text.split(',')),
    secrets: (flags.secret ?? []).map((flag) => parseSecretFlag(flag, environment)),
    ssh: (flags.ssh ?? []).map(parseSshFlag),
  };
}
