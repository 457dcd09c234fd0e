import { Flags } from '@oclif/core';
import type { EngineClient } from '../../api/client/engine-client.js';
import { TsmachineError } from '../../shared/errors.js';

const since = '1.48';

/** Of images with several platforms, which engines keep from API 1.48 on. */
export const platformFlag = {
  platform: Flags.string({
    ...{ description: `only this platform of the image (engines with API ${since})`, helpValue: 'OS/ARCH' },
  }),
};

/** In docker's words. Throws API_TOO_OLD when the flag was given and the engine cannot heed it. */
export async function refusePlatform(
  client: EngineClient,
  platform: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (platform === undefined) return;
  const version = await client.apiVersion(signal);
  throw new TsmachineError(
    'not-implemented',
    'API_TOO_OLD',
    `"--platform" requires API version ${since}, but the Docker daemon API version is ${version}`,
    { hints: ['leave out --platform: the image on the machine has one platform'] },
  );
}
