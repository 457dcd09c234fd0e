import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { randomId } from '../../../shared/identifiers.js';
import { isUrl } from '../../build/context/download.js';
import { isGitUrl } from '../../build/context/git.js';
import { type OpenContextOptions, openContext, openTree } from '../../build/context/open-context.js';
import type { SourceTree } from '../../build/copy/source-tree.js';
import { scratchIn } from '../../build/exec/change-layer.js';
import type { ContextSource } from '../../build/exec/request.js';
import { solveInvalid } from '../errors.js';
import { isUpload, pullUpload } from '../session/upload.js';
import { ClientDirectory } from './client-directory.js';
import { loadDockerfile } from './load-dockerfile.js';
import type { SolveContext } from './solve-context.js';
import type { SolveOptions } from './solve-options.js';

export interface OpenedSources {
  readonly dockerfile: string;
  readonly dockerfileName: string;
  readonly context: ContextSource;
}

/** The Dockerfile and the context; what they need is kept until the stack is disposed of. */
export async function openSources(
  context: SolveContext,
  options: SolveOptions,
  resources: AsyncDisposableStack,
): Promise<OpenedSources> {
  const { filename, remote, dockerfileDirectory, contextDirectory, ownDockerfile } = options;
  if (remote !== undefined && !ownDockerfile) {
    const request = { dockerfile: filename, open: openContext };
    const opened = await openRemote(context, remote, request, resources);
    return { ...opened, context: { tree: async () => opened.context } };
  }
  const { text, ignore } = await loadDockerfile(context, dockerfileDirectory, filename);
  const label = '[internal] load build context';
  const files =
    remote === undefined
      ? resources.use(new ClientDirectory(context, contextDirectory, label, ignore))
      : remoteFiles(context, remote, resources);
  return { dockerfile: text, dockerfileName: filename, context: files };
}

type Open<T> = (body: Readable, options: OpenContextOptions) => Promise<T>;

/** A context that is no directory of the client's: what it uploads, or what a URL leads to. */
async function openRemote<T>(
  { host, session, status, signal, uploads }: SolveContext,
  remote: string,
  { dockerfile, open }: { readonly dockerfile?: string; readonly open: Open<T> },
  resources: AsyncDisposableStack,
): Promise<T> {
  const upload = uploads?.get(remote) ?? (isUpload(remote) ? pullUpload(session, remote, signal) : undefined);
  if (!upload && !isUrl(remote) && !isGitUrl(remote))
    throw solveInvalid(`invalid build context ${JSON.stringify(remote)}: it is no URL`);
  const directory = join(host.directory, 'tmp', randomId());
  await mkdir(directory, { recursive: true, mode: 0o700 });
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  const name = upload ? '[internal] load remote build context' : `[internal] load ${withoutPassword(remote)}`;
  const request = {
    ...{ directory, scratch: scratchIn(host.directory), remote: upload ? undefined : remote },
    ...{ dockerfile, signal },
  };
  return await status.during(name, () => open(upload ?? Readable.from([]), request));
}

function withoutPassword(remote: string): string {
  return remote.replace(/\/\/[^/@]*@/, '//');
}

/** A context from the network, fetched when it is first needed. */
export function remoteFiles(
  context: SolveContext,
  remote: string,
  resources: AsyncDisposableStack,
): ContextSource {
  let opened: Promise<SourceTree> | undefined;
  return {
    async tree() {
      opened ??= openRemote(context, remote, { open: openTree }, resources);
      return await opened;
    },
  };
}
