import type { EngineClient } from '../../api/client/engine-client.js';
import { pullImage } from '../../api/client/images.js';
import type { ProgressMessage } from '../../api/progress.js';
import type { ImageReference } from './image-reference.js';
import { ProgressRenderer } from './progress-renderer.js';

export interface PullOptions {
  readonly platform?: string | undefined;
  /** The header X-Registry-Auth. */
  readonly authorization?: string | undefined;
  /** Where progress goes; undefined: nowhere. */
  readonly output?: NodeJS.WriteStream | undefined;
}

/** Pulls and shows the progress. Throws the engine's error, which names what the registry refused. */
export async function pullWithProgress(
  client: EngineClient,
  image: ImageReference,
  options: PullOptions,
  signal: AbortSignal,
): Promise<void> {
  const { name, tag } = image;
  const { platform, authorization } = options;
  await showProgress(pullImage(client, { name, tag, platform, authorization }, signal), options.output);
}

/** Reads to the end, whether it is shown or not: the engine works as long as its messages are read. */
export async function showProgress(
  messages: AsyncIterable<ProgressMessage>,
  output: NodeJS.WriteStream | undefined,
): Promise<void> {
  const show = output && progressTo(output);
  for await (const message of messages) show?.(message);
}

export function progressTo(output: NodeJS.WriteStream): (message: ProgressMessage) => void {
  const renderer = new ProgressRenderer({
    write: (text) => void output.write(text),
    columns: output.isTTY ? output.columns : undefined,
  });
  return (message) => renderer.show(message);
}
