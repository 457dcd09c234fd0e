import type { EngineClient } from '../../../api/client/engine-client.js';
import type { GrpcClient } from '../../../grpc/client.js';
import { type BuildFlags, classicOnly, sessionOnly } from './build-flags.js';
import { buildersConflict, buildKitMissing, noSuchBuilder } from './errors.js';
import { findBuildKit, isOff } from './find-buildkit.js';

/**
 * BuildKit where the engine has it, closed by the caller; undefined for the classic builder: where DOCKER_BUILDKIT is
 * 0, or something is asked for that only that can. Throws BUILDKIT_NEEDED, BUILDERS_CONFLICT, BUILDER_UNKNOWN.
 */
export async function chooseBuilder(
  client: EngineClient,
  flags: BuildFlags,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<GrpcClient | undefined> {
  if (flags.builder !== undefined && flags.builder !== 'default') throw noSuchBuilder(flags.builder);
  const modern = sessionOnly.find((name) => isGiven(flags[name]));
  const old = classicOnly.find((name) => isGiven(flags[name]));
  if (modern !== undefined && old !== undefined) throw buildersConflict(modern, old);
  if (old !== undefined) return undefined;
  const buildKit = await findBuildKit(client, environment, signal);
  if (!buildKit && modern !== undefined) throw buildKitMissing(`--${modern}`, isOff(environment));
  return buildKit;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false;
}
