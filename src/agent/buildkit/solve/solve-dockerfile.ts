import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { randomId } from '../../../shared/identifiers.js';
import { isUrl } from '../../build/context/download.js';
import { isGitUrl } from '../../build/context/git.js';
import { type OpenContextOptions, openContext, openTree } from '../../build/context/open-context.js';
import type { SourceTree } from '../../build/copy/source-tree.js';
import { scratchIn } from '../../build/exec/change-layer.js';
import type { BuiltImage, ContextSource, NamedContext } from '../../build/exec/request.js';
import type { ImageConfig } from '../../image/image-config.js';
import type { BuildHost, BuildSettings } from '../build-host.js';
import { importCaches } from '../cache/import-caches.js';
import { solveInvalid, solveUnsupported } from '../errors.js';
import { credentialsOf, secretOf } from '../session/client-values.js';
import { forwardAgent } from '../session/ssh-agent.js';
import { isUpload, pullUpload } from '../session/upload.js';
import { type DockerfileSource, solveError } from '../status/buildkit-error.js';
import { fullName, StepVertices } from '../status/step-vertices.js';
import { ClientDirectory } from './client-directory.js';
import { type LoadContext, loadDockerfile } from './load-dockerfile.js';
import { checkFrontend, type SolveOptions } from './solve-options.js';

export interface SolveContext extends LoadContext {
  readonly host: BuildHost;
  /** What "input:…" names: the result of another build. */
  readonly inputs: ReadonlyMap<string, ImageConfig>;
  /** What the client sends beside its session, by the context's name. */
  readonly uploads?: ReadonlyMap<string, Readable>;
}

/** Builds what a client of BuildKit asks the Dockerfile front end for. Throws GRPC_FAILED with the place of the fault. */
export async function solveDockerfile(context: SolveContext, options: SolveOptions): Promise<BuiltImage> {
  await using resources = new AsyncDisposableStack();
  const steps = new StepVertices(context.status);
  let source: DockerfileSource | undefined;
  try {
    const opened = await openSources(context, options, resources);
    source = { filename: opened.dockerfileName, text: opened.dockerfile };
    checkSyntax(opened.dockerfile);
    const settings = settingsOf(context, options);
    const importStep = await importCaches(context, options.cacheImports, settings, resources);
    return await context.host.build(
      {
        ...opened,
        namedContext: namedContexts(context, options, resources),
        ...{ target: options.target, buildArgs: options.buildArgs, labels: options.labels },
        platform: options.platform ?? context.host.platform,
        ...{
          noCache: options.noCache,
          pull: options.pull,
          cacheFrom: options.cacheFrom,
          cacheFromOnly: false,
          importStep,
          progress: steps,
        },
        secret: (id) => secretOf(context.session, id, context.signal),
        ssh: (id) => forwardAgent(context.session, id, context.host.runDirectory, context.signal),
        signal: context.signal,
      },
      settings,
    );
  } catch (error) {
    context.signal.throwIfAborted();
    throw solveError(error, source, steps.failedStep(error));
  }
}

function settingsOf(
  { session, signal }: SolveContext,
  { hostConfig, platform }: SolveOptions,
): BuildSettings {
  return { hostConfig, platform, credentials: (registry) => credentialsOf(session, registry, signal) };
}

interface OpenedSources {
  readonly dockerfile: string;
  readonly dockerfileName: string;
  readonly context: ContextSource;
}

async function openSources(
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

/** "# syntax=…" may name what the engine has itself. */
function checkSyntax(dockerfile: string): void {
  for (const line of dockerfile.replace(/^\uFEFF/, '').split('\n')) {
    const [, name = '', value = ''] = /^#\s*([a-zA-Z]+)\s*=\s*(\S+)/.exec(line.trim()) ?? [];
    if (name === '') return;
    if (name.toLowerCase() === 'syntax') checkFrontend(value, '"# syntax=" of the Dockerfile');
  }
}

/** Each name is looked up once: the builder asks again and again. */
function namedContexts(
  context: SolveContext,
  { contexts }: SolveOptions,
  resources: AsyncDisposableStack,
): (name: string) => NamedContext | undefined {
  const known = new Map<string, NamedContext>();
  return (given) => {
    const name = given.toLowerCase();
    const found = known.get(name);
    const value = contexts.get(name) ?? contexts.get(given) ?? contexts.get(fullName(given));
    if (found || value === undefined) return found;
    const made = namedContext(context, name, value, resources);
    known.set(name, made);
    return made;
  };
}

function namedContext(
  context: SolveContext,
  name: string,
  value: string,
  resources: AsyncDisposableStack,
): NamedContext {
  const [, scheme = '', rest = ''] =
    /^(docker-image|local|input|oci-layout):(?:\/\/)?(.*)$/s.exec(value) ?? [];
  switch (scheme) {
    case 'docker-image':
      return { kind: 'image', name: rest };
    case 'local': {
      const label = `[context ${name}] load from client`;
      return { kind: 'files', source: resources.use(new ClientDirectory(context, rest, label)) };
    }
    case 'input': {
      const config = context.inputs.get(rest);
      if (!config) throw solveInvalid(`invalid input ${rest} for the context ${name}`);
      return { kind: 'built', config: async () => config };
    }
    case 'oci-layout':
      throw solveUnsupported(`the context ${name} from an OCI layout`);
    default:
      return { kind: 'files', source: remoteFiles(context, value, resources) };
  }
}

function remoteFiles(context: SolveContext, remote: string, resources: AsyncDisposableStack): ContextSource {
  let opened: Promise<SourceTree> | undefined;
  return {
    async tree() {
      opened ??= openRemote(context, remote, { open: openTree }, resources);
      return await opened;
    },
  };
}
