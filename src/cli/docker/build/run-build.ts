import { rm, writeFile } from 'node:fs/promises';
import { type BuildOptions, buildImage } from '../../../api/client/builds.js';
import type { EngineClient } from '../../../api/client/engine-client.js';
import type { ProgressMessage } from '../../../api/progress.js';
import { type ContextSource, openContext } from '../../../build/open-context.js';
import { isJsonObject } from '../../../shared/json.js';
import { showProgress } from '../pull-image.js';
import { ContextMeter } from './context-meter.js';

export interface BuildRequest {
  readonly source: ContextSource;
  readonly options: BuildOptions;
  readonly compress: boolean;
  /** Where the image's ID is written. */
  readonly idFile: string | undefined;
}

/**
 * Sends the context, shows what the engine says, and answers the ID of the image. Throws ENGINE_STREAM_ERROR when a
 * step fails, the errors of `openContext`, and the signal's reason; the engine then has stopped and cleaned up.
 */
export async function runBuild(
  client: EngineClient,
  request: BuildRequest,
  output: NodeJS.WriteStream | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (request.idFile !== undefined) await rm(request.idFile, { force: true });
  await using context = await openContext(request.source, signal);
  const meter = new ContextMeter(output);
  const messages = buildImage(
    client,
    { tar: meter.measure(context.tar), compress: request.compress && !context.isCompressed },
    { ...request.options, dockerfile: context.dockerfile },
    signal,
  );
  let id = '';
  await showProgress(
    noting(messages, (message) => {
      meter.end();
      id = imageId(message) ?? id;
    }),
    output,
  );
  if (request.idFile !== undefined) await writeFile(request.idFile, id);
  return id;
}

async function* noting(
  messages: AsyncIterable<ProgressMessage>,
  note: (message: ProgressMessage) => void,
): AsyncGenerator<ProgressMessage> {
  for await (const message of messages) {
    note(message);
    yield message;
  }
}

function imageId({ aux }: ProgressMessage): string | undefined {
  return isJsonObject(aux) && typeof aux['ID'] === 'string' ? aux['ID'] : undefined;
}
