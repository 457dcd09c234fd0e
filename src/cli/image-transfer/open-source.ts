import type { EngineEndpoint } from '../../api/client/endpoint.js';
import { EngineClient } from '../../api/client/engine-client.js';
import { engineSource } from './engine-source.js';
import { noLocalDocker } from './errors.js';
import { type FileSourceOptions, fileSource, streamSource } from './file-source.js';
import type { ImageSource } from './image-source.js';
import { localDockerSocket } from './local-docker.js';

/** Where images are to be taken from. */
export type SourceChoice =
  | { readonly kind: 'machine'; readonly endpoint: EngineEndpoint }
  | { readonly kind: 'local'; readonly environment: NodeJS.ProcessEnv }
  /** A file or a directory; the input of this process where it is "-". */
  | { readonly kind: 'files'; readonly path: string; readonly stdin: NodeJS.ReadStream };

/** Throws ENGINE_ERROR when there is no such image, NO_LOCAL_DOCKER, FILE_UNREADABLE, IMAGE_FILES_INVALID. */
export async function openSource(choice: SourceChoice, options: FileSourceOptions): Promise<ImageSource> {
  if (choice.kind === 'files') {
    return choice.path === '-' ? streamSource(choice.stdin, options) : fileSource(choice.path, options);
  }
  const client = new EngineClient(
    choice.kind === 'machine' ? choice.endpoint : localEndpoint(choice.environment),
  );
  try {
    const source = await engineSource(client, options);
    return {
      ...source,
      async [Symbol.asyncDispose]() {
        await source[Symbol.asyncDispose]();
        client.close();
      },
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

function localEndpoint(environment: NodeJS.ProcessEnv): EngineEndpoint {
  const socketPath = localDockerSocket(environment);
  if (socketPath === undefined) throw noLocalDocker();
  return { socketPath };
}
