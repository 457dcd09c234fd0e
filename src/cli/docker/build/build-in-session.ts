import { writeFile } from 'node:fs/promises';
import { pushImage } from '../../../api/client/images.js';
import type { FrontEndAnswer } from '../../../build/solve/ask-front-end.js';
import type { BuildEngine } from '../../../build/solve/build-with-session.js';
import { parseImageReference } from '../image-reference.js';
import { showProgress } from '../pull-image.js';
import type { Stdio } from '../stdio.js';
import type { Call } from './call/parse-call.js';
import type { ProgressKind } from './progress/display.js';
import { openDisplay } from './progress/open-display.js';
import { imageIdOf, removeOld, writeMetadata } from './session/image-result.js';
import {
  askSessionBuild,
  type BuildSurroundings,
  runSessionBuild,
  type SessionBuildRequest,
} from './session/run-session-build.js';

export interface SessionCommand extends Omit<BuildSurroundings, 'watch' | 'excerpt' | 'stdout'> {
  readonly request: SessionBuildRequest;
  readonly stdio: Stdio;
  readonly progress: ProgressKind;
  readonly idFile: string | undefined;
  readonly metadataFile: string | undefined;
  /** The header X-Registry-Auth for an image. */
  authorize(image: string): Promise<string>;
}

/** What `build` does with BuildKit: shows the progress, writes the files, pushes. Answers the ID of the image. */
export async function buildInSession(
  engine: BuildEngine,
  command: SessionCommand,
  signal: AbortSignal,
): Promise<string> {
  const { request, idFile, metadataFile } = command;
  await removeOld([idFile, metadataFile]);
  const result = await shown(command, (surroundings) =>
    runSessionBuild(engine, request, surroundings, signal),
  );
  const id = imageIdOf(result);
  if (idFile !== undefined) await writeFile(idFile, id);
  if (metadataFile !== undefined) await writeMetadata(metadataFile, result);
  await pushAll(engine, command, signal);
  return id;
}

/** What `build --call` does: asks, and builds nothing. */
export async function askInSession(
  engine: BuildEngine,
  { question }: Call,
  command: SessionCommand,
  signal: AbortSignal,
): Promise<FrontEndAnswer> {
  return await shown(command, (surroundings) =>
    askSessionBuild(engine, question, command.request, surroundings, signal),
  );
}

/** With the progress on a display, and behind it where the Dockerfile is wrong. */
async function shown<T>(
  command: SessionCommand,
  work: (surroundings: BuildSurroundings) => Promise<T>,
): Promise<T> {
  const { stdio, progress, environment } = command;
  const display = openDisplay(stdio.stderr, progress, environment);
  let excerpt = '';
  const surroundings = {
    ...command,
    stdout: stdio.stdout,
    watch: display.update.bind(display),
    excerpt: (text: string) => {
      excerpt += text;
    },
  };
  return await work(surroundings).finally(() => {
    display.close();
    if (progress !== 'quiet') stdio.stderr.write(excerpt);
  });
}

async function pushAll(
  { client }: BuildEngine,
  { request, stdio, progress, authorize }: SessionCommand,
  signal: AbortSignal,
): Promise<void> {
  const names = request.outputs.flatMap(({ push, attributes }) =>
    push ? (attributes['name'] ?? '').split(',').filter(Boolean) : [],
  );
  for (const image of new Set(names)) {
    const { name, tag } = parseImageReference(image);
    const messages = pushImage(client, { name, tag, authorization: await authorize(name) }, signal);
    await showProgress(messages, progress === 'quiet' ? undefined : stdio.stderr);
  }
}
