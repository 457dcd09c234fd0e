import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { digestHex, digestOf } from '../../../shared/digest.js';
import { randomId } from '../../../shared/identifiers.js';
import { resolveInRoot } from '../../kernel/rooted-path.js';
import type { NewLayer } from '../../layer/layer-store.js';
import { itemsDigest, readSources } from '../copy/read-sources.js';
import type { SourceTree } from '../copy/source-tree.js';
import type { Instruction } from '../dockerfile/instruction.js';
import { parseMountFlag, type RunMountFlag } from '../dockerfile/run-mount.js';
import { buildInvalid, buildUnsupported } from '../errors.js';
import { absolutePath } from './apply-config.js';
import type { CommandMount } from './request.js';
import { mountSource, sourceOf } from './source-image.js';
import type { StageContext, Step } from './stage-context.js';
import { runConfigOf, shellOf, topLayerOf } from './state.js';

/** RUN. Throws BUILD_INVALID, BUILD_UNSUPPORTED. */
export async function runStep(build: StageContext, instruction: Instruction): Promise<Step> {
  const { flags, json, args, heredocs } = instruction;
  const config = runConfigOf(build.state);
  const security = flags.get('security')?.[0];
  if (security !== undefined && security !== 'sandbox') throw buildUnsupported(`RUN --security=${security}`);
  const network = networkOf(flags.get('network')?.[0]);
  const mounts = (flags.get('mount') ?? []).map((text) => parseMountFlag(build.expand(text)));
  const script = json ? undefined : scriptOf(instruction);
  const argv = json ? args : [...shellOf(config), script?.command ?? args.join(' ')];
  const { env, shown } = build.args.forCommand(config);
  const command = argv.join(' ');
  return {
    createdBy: shown.length > 0 ? `|${shown.length} ${shown.join(' ')} ${command}` : command,
    depends: [
      ...[flags.get('mount') ?? [], network ?? null, heredocs.map(({ content }) => content)],
      await boundContent(build, mounts),
    ],
    config,
    makeLayer: () => runCommand(build, { mounts, network, argv, env, script }),
  };
}

interface Command {
  readonly mounts: readonly RunMountFlag[];
  readonly network: string | undefined;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly script: Script | undefined;
}

async function runCommand(build: StageContext, command: Command): Promise<NewLayer | undefined> {
  const { context, signal } = build.shared;
  const { state } = build;
  const config = runConfigOf(state);
  if (state.id === undefined) throw buildInvalid('No image was generated. Is your Dockerfile empty?');
  const image = { id: state.id, config: state.config, chainId: topLayerOf(state) };
  await using resources = new AsyncDisposableStack();
  const env = [...(config.Env ?? []), ...command.env];
  const mounts: CommandMount[] = [];
  for (const mount of command.mounts) mounts.push(...(await makeMount(build, mount, env, resources)));
  if (command.script?.file) mounts.push(await scriptMount(build, command.script.file, resources));
  const { progress } = build;
  return await context.commands.run({
    ...{ image, argv: command.argv, env, mounts, network: command.network, signal },
    user: config.User ?? '',
    workingDirectory: config.WorkingDir || '/',
    output: (stream, chunk) => progress.log(stream, chunk),
    started: (id) => progress.container(id),
    removed: (id) => progress.containerRemoved(id),
  });
}

function networkOf(name: string | undefined): string | undefined {
  if (name === undefined || name === 'default') return undefined;
  if (name === 'none' || name === 'host') return name;
  throw buildInvalid(`unsupported network mode: ${JSON.stringify(name)}`);
}

interface Script {
  readonly command: string;
  /** Run by its own interpreter. */
  readonly file?: { readonly name: string; readonly content: string } | undefined;
}

/** "RUN <<EOF" is a script of the shell's or of what "#!" names; heredocs beside words are the shell's business. */
function scriptOf({ args: [text = ''], heredocs }: Instruction): Script | undefined {
  const [first] = heredocs;
  if (!first) return undefined;
  if (/^<<-?["']?[^\s"']+["']?$/.test(text)) {
    if (!first.content.startsWith('#!')) return { command: first.content };
    return { command: `/dev/pipes/${first.name}`, file: first };
  }
  const bodies = heredocs.map(({ name, content }) => `${content}${name}`);
  return { command: [text, ...bodies].join('\n') };
}

async function scriptMount(
  build: StageContext,
  { name, content }: { readonly name: string; readonly content: string },
  resources: AsyncDisposableStack,
): Promise<CommandMount> {
  const directory = await privateDirectory(build.shared.context.directory, resources);
  const source = join(directory, 'script');
  await writeFile(source, content);
  await chmod(source, 0o755);
  return { type: 'bind', source, target: `/dev/pipes/${name}`, readonly: true };
}

async function makeMount(
  build: StageContext,
  mount: RunMountFlag,
  env: string[],
  resources: AsyncDisposableStack,
): Promise<readonly CommandMount[]> {
  const { context } = build.shared;
  const target = absolutePath(runConfigOf(build.state), mount.target ?? '').replace(/(.)\/$/, '$1');
  switch (mount.type) {
    case 'tmpfs':
      return [{ type: 'tmpfs', source: '', target, readonly: false, size: mount.size }];
    case 'bind':
      return [{ type: 'bind', source: await bindSource(build, mount, resources), target, readonly: true }];
    case 'cache':
      return [
        {
          type: 'bind',
          source: await cacheSource(build, mount, target, resources),
          target,
          readonly: mount.readonly ?? false,
        },
      ];
    case 'secret':
      return await secretMount(build, mount, env, resources);
    case 'ssh':
      return await sshMount(build, mount, env, resources);
    default:
      throw buildUnsupported(`RUN --mount=type=${mount.type satisfies never} in ${context.directory}`);
  }
}

async function bindSource(
  build: StageContext,
  mount: RunMountFlag,
  resources: AsyncDisposableStack,
): Promise<string> {
  if (mount.readonly === false) throw buildUnsupported('RUN --mount=type=bind,rw');
  const root = await bindRoot(build, mount, resources);
  return await resolveInRoot(root, mount.source ?? '/');
}

async function bindRoot(
  build: StageContext,
  { from }: RunMountFlag,
  resources: AsyncDisposableStack,
): Promise<string> {
  if (from === undefined) return (await build.files()).root;
  return (await mountSource(build, await sourceOf(build, from), resources)).root;
}

/** Outlives the build; commands that use it at the same time share it unless they say otherwise. */
async function cacheSource(
  build: StageContext,
  { id, sharing, mode, uid = 0, gid = 0, from }: RunMountFlag,
  target: string,
  resources: AsyncDisposableStack,
): Promise<string> {
  const { context } = build.shared;
  if (from !== undefined) throw buildUnsupported('RUN --mount=type=cache,from');
  const name = digestHex(digestOf(JSON.stringify([id ?? target, uid, gid, mode ?? 0o755])));
  const path = join(context.directory, 'mounts', name);
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made !== undefined) {
    await chown(path, uid, gid);
    await chmod(path, mode ?? 0o755);
  }
  if (sharing === 'locked' || sharing === 'private') resources.use(await lock(build, name));
  return path;
}

/** Until disposal. */
async function lock(build: StageContext, name: string): Promise<AsyncDisposable> {
  const got = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const over = build.shared.context.locks.run(`mount-${name}`, async () => {
    got.resolve();
    await free.promise;
  });
  await got.promise;
  return {
    async [Symbol.asyncDispose]() {
      free.resolve();
      await over;
    },
  };
}

async function secretMount(
  build: StageContext,
  mount: RunMountFlag,
  env: string[],
  resources: AsyncDisposableStack,
): Promise<readonly CommandMount[]> {
  const id = mount.id ?? posix.basename(mount.target ?? mount.source ?? '');
  if (id === '') throw buildInvalid('invalid secret mount: one of id, target or source is needed');
  const value = await build.shared.request.secret?.(id);
  if (value === undefined) {
    if (mount.required) throw buildInvalid(`secret ${id}: not found`);
    return [];
  }
  if (mount.env !== undefined) env.push(`${mount.env}=${value.toString()}`);
  if (mount.env !== undefined && mount.target === undefined) return [];
  const source = join(await privateDirectory(build.shared.context.runDirectory, resources), 'secret');
  await writeFile(source, value, { mode: 0o400 });
  await chown(source, mount.uid ?? 0, mount.gid ?? 0);
  await chmod(source, mount.mode ?? 0o400);
  const target = absolutePath(runConfigOf(build.state), mount.target ?? `/run/secrets/${id}`);
  return [{ type: 'bind', source, target, readonly: true }];
}

/** A socket that leads to the client's agent. */
async function sshMount(
  build: StageContext,
  { id = 'default', target, required, uid = 0, gid = 0, mode = 0o600 }: RunMountFlag,
  env: string[],
  resources: AsyncDisposableStack,
): Promise<readonly CommandMount[]> {
  const agent = await build.shared.request.ssh?.(id);
  if (!agent) {
    if (!required) return [];
    throw buildInvalid(`ssh agent ${id}: not found (is it given with --ssh?)`);
  }
  const source = resources.use(agent).path;
  await chown(source, uid, gid);
  await chmod(source, mode);
  const number = env.filter((entry) => entry.startsWith('SSH_AUTH_SOCK=')).length;
  const place = absolutePath(runConfigOf(build.state), target ?? `/run/buildkit/ssh_agent.${number}`);
  if (number === 0) env.push(`SSH_AUTH_SOCK=${place}`);
  return [{ type: 'bind', source, target: place, readonly: false }];
}

async function privateDirectory(parent: string, resources: AsyncDisposableStack): Promise<string> {
  const directory = join(parent, 'tmp', randomId());
  await mkdir(directory, { recursive: true, mode: 0o700 });
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A command depends on the files that it sees. */
async function boundContent(
  build: StageContext,
  mounts: readonly RunMountFlag[],
): Promise<readonly unknown[]> {
  const content: unknown[] = [];
  for (const mount of mounts.filter(({ type }) => type === 'bind')) {
    const source = mount.from === undefined ? undefined : await sourceOf(build, mount.from);
    if (source?.kind === 'layers') content.push(source.chainId ?? null);
    else content.push(await filesContent(build, source?.tree ?? (await build.files()), mount));
  }
  return content;
}

async function filesContent(
  build: StageContext,
  tree: SourceTree,
  { source = '.' }: RunMountFlag,
): Promise<string> {
  const missing = 'file not found in build context or excluded by .dockerignore: ';
  const { signal } = build.shared;
  const items = await readSources(tree, {
    ...{ instruction: 'RUN', paths: [source], exclude: [], missing, signal },
  });
  return itemsDigest(items);
}
