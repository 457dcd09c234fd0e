import { isTsmachineError, TsmachineError } from '../../shared/errors.js';
import type { ImagePolicyText } from '../image-policy.js';
import type { EngineClient } from './engine-client.js';

const path = '/tsmachine/image-policy';

/** Undefined when there is none. Throws IMAGE_POLICY_UNSUPPORTED. */
export async function readImagePolicy(
  client: EngineClient,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await client.json<ImagePolicyText>({ method: 'GET', path, signal });
    return answer.Policy ?? undefined;
  } catch (error) {
    throw translated(client, error);
  }
}

/** Undefined removes it. Throws IMAGE_POLICY_UNSUPPORTED, ENGINE_ERROR when it is none. */
export async function writeImagePolicy(
  client: EngineClient,
  text: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const body: ImagePolicyText = { Policy: text ?? null };
  try {
    await client.json({ method: 'PUT', path, body, signal });
  } catch (error) {
    throw translated(client, error);
  }
}

function translated(client: EngineClient, error: unknown): unknown {
  if (!isTsmachineError(error) || !/page not found/.test(error.message)) return error;
  const message = `the engine at "${client.url}" is not tsmachine's, or too old: it has no image policy`;
  return new TsmachineError('not-implemented', 'IMAGE_POLICY_UNSUPPORTED', message, {
    hints: ['run "tsmachine upgrade" where the agent is an older one'],
    cause: error,
  });
}
