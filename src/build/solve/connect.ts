import type { EngineClient } from '../../api/client/engine-client.js';
import { GrpcClient } from '../../grpc/client.js';
import { isTsmachineError } from '../../shared/errors.js';

/** An engine's BuildKit, closed by the caller; undefined where there is none (Docker Engine before 19.03, podman). */
export async function connectBuildKit(
  client: EngineClient,
  signal: AbortSignal,
): Promise<GrpcClient | undefined> {
  try {
    return new GrpcClient(await client.hijack({ method: 'POST', path: '/grpc', signal }, 'h2c'));
  } catch (error) {
    if (isTsmachineError(error) && isAboutMissing(error.code, error.kind)) return undefined;
    throw error;
  }
}

function isAboutMissing(code: string, kind: string): boolean {
  return (
    code === 'ENGINE_NOT_HIJACKED' ||
    (code === 'ENGINE_ERROR' && ['not-found', 'not-implemented'].includes(kind))
  );
}
