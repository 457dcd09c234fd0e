import { constants } from 'node:fs';
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { randomId } from '../../../shared/identifiers.js';
import { resolveInRoot } from '../../kernel/rooted-path.js';
import { copyForContainer, giveTo } from '../../userns/remapped-copy.js';
import type { RunMountFlag } from '../dockerfile/run-mount.js';
import { buildInvalid, buildUnsupported } from '../errors.js';
import { absolutePath } from './apply-config.js';
import { cacheSource } from './cache-mount.js';
import type { CommandMount } from './request.js';
import { mountSource, sourceOf } from './source-image.js';
import type { StageContext } from './stage-context.js';
import { runConfigOf } from './state.js';

/** RUN --mount=…: what is mounted for the command, until the stack is disposed of. `env` gets what goes with it. */
export async function makeMount(
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
      return [await bindMount(build, mount, target, resources)];
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

/** What the command writes there is thrown away. */
async function bindMount(
  build: StageContext,
  { from, source = '/', readonly = true }: RunMountFlag,
  target: string,
  resources: AsyncDisposableStack,
): Promise<CommandMount> {
  const root =
    from === undefined
      ? (await build.files()).root
      : (await mountSource(build, await sourceOf(build, from), resources)).root;
  const place = await resolveInRoot(root, source);
  const { directory, idMap } = build.shared.context;
  if (readonly && !idMap) return { type: 'bind', source: place, target, readonly };
  const copy = join(await privateDirectory(directory, resources), 'copy');
  if (idMap) {
    await copyForContainer(place, copy, idMap);
    return { type: 'bind', source: copy, target, readonly };
  }
  const mode = constants.COPYFILE_FICLONE;
  await cp(place, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode });
  return { type: 'bind', source: copy, target, readonly };
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
  await giveTo(source, { uid: mount.uid ?? 0, gid: mount.gid ?? 0 }, build.shared.context.idMap);
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
  await giveTo(source, { uid, gid }, build.shared.context.idMap);
  await chmod(source, mode);
  const number = env.filter((entry) => entry.startsWith('SSH_AUTH_SOCK=')).length;
  const place = absolutePath(runConfigOf(build.state), target ?? `/run/buildkit/ssh_agent.${number}`);
  if (number === 0) env.push(`SSH_AUTH_SOCK=${place}`);
  return [{ type: 'bind', source, target: place, readonly: false }];
}

/** Of the build's own. */
export async function privateDirectory(parent: string, resources: AsyncDisposableStack): Promise<string> {
  const directory = join(parent, 'tmp', randomId());
  await mkdir(directory, { recursive: true, mode: 0o700 });
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
