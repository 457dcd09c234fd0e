import type { EngineClient } from '../../../api/client/engine-client.js';
import type { GrpcClient } from '../../../grpc/client.js';

/** An engine's BuildKit, as far as the user lets it be used. */
export async function findBuildKit(
  client: EngineClient,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<GrpcClient | undefined> {
  if (isOff(environment)) return undefined;
  const { connectBuildKit } = await import('../../../build/solve/connect.js');
  return await connectBuildKit(client, signal);
}

export function isOff(environment: NodeJS.ProcessEnv): boolean {
  return ['0', 'false', 'f'].includes((environment['DOCKER_BUILDKIT'] ?? '').toLowerCase());
}
