import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewLayer } from '../../layer/layer-store.js';
import { itemsDigest, readSources } from '../copy/read-sources.js';
import type { SourceTree } from '../copy/source-tree.js';
import type { Instruction } from '../dockerfile/instruction.js';
import { parseMountFlag, type RunMountFlag } from '../dockerfile/run-mount.js';
import { buildInvalid, buildUnsupported } from '../errors.js';
import type { CommandMount } from './request.js';
import { makeMount, privateDirectory } from './run-mounts.js';
import { sourceOf } from './source-image.js';
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
