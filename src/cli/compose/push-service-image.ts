import type { EngineClient } from '../../api/client/engine-client.js';
import { pushImage } from '../../api/client/images.js';
import type { Progress } from '../../compose/engine/progress.js';
import type { Service } from '../../compose/model/service.js';
import { parseImageReference } from '../docker/image-reference.js';
import type { RegistryLogins } from './registry-logins.js';

/** Pushes and tells the progress. Throws the engine's error, which names what the registry refused. */
export async function pushServiceImage(
  client: EngineClient,
  image: string,
  service: Service,
  options: {
    readonly progress: Progress;
    readonly quiet: boolean;
    readonly signal: AbortSignal;
    readonly logins: RegistryLogins;
  },
): Promise<void> {
  const { progress, quiet, signal, logins } = options;
  const tell = (status: 'working' | 'done' | 'error', text: string) => {
    if (!quiet) progress.event({ id: service.name, status, text });
  };
  const { name, tag } = parseImageReference(image);
  tell('working', 'Pushing');
  try {
    // To the end: the engine works as long as its messages are read.
    for await (const _message of pushImage(
      client,
      { name, tag, authorization: await logins.authorize(name) },
      signal,
    ));
  } catch (error) {
    tell('error', 'Error');
    throw error;
  }
  tell('done', 'Pushed');
}
