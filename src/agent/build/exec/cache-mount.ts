import { closeSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestHex, digestOf } from '../../../shared/digest.js';
import { openMountedTree } from '../../kernel/mounted-tree.js';
import { giveTo } from '../../userns/remapped-copy.js';
import { readSources } from '../copy/read-sources.js';
import { writeItems } from '../copy/write-items.js';
import type { RunMountFlag } from '../dockerfile/run-mount.js';
import { scratchIn } from './change-layer.js';
import { mountSource, type Source, sourceOf } from './source-image.js';
import type { StageContext } from './stage-context.js';

/** Outlives the build; commands that use it at the same time share it unless they say otherwise. */
export async function cacheSource(
  build: StageContext,
  mount: RunMountFlag,
  target: string,
  resources: AsyncDisposableStack,
): Promise<string> {
  const { id, sharing, mode = 0o755, uid = 0, gid = 0, from, source = '.' } = mount;
  const seed = from === undefined ? undefined : await sourceOf(build, from);
  const below = seed?.kind === 'layers' ? [seed.chainId ?? null, source] : seed && [from, source];
  const { idMap } = build.shared.context;
  const distinction = [id ?? target, uid, gid, mode, ...(below ?? []), ...(idMap ? [idMap] : [])];
  const name = digestHex(digestOf(JSON.stringify(distinction)));
  if (sharing === 'locked' || sharing === 'private') resources.use(await lock(build, `mount-${name}`));
  const path = join(build.shared.context.directory, 'mounts', name);
  await build.shared.context.locks.run(`make-${name}`, () =>
    makeOnce(path, async () => {
      if (seed) return await plant(build, path, seed, source);
      await giveTo(path, { uid, gid }, idMap);
      await chmod(path, mode);
    }),
  );
  return path;
}

/** Nothing half-made is left. */
async function makeOnce(path: string, fill: () => Promise<void>): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  try {
    await fill();
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

/** `from`: it begins with what is there. */
async function plant(build: StageContext, path: string, seed: Source, source: string): Promise<void> {
  const { context, signal } = build.shared;
  await using resources = new AsyncDisposableStack();
  const tree = await mountSource(build, seed, resources);
  const request = { instruction: 'RUN', paths: [source], exclude: [], missing: '', signal };
  const items = await readSources(tree, request);
  const [top] = items[0]?.entries ?? [];
  if (top) {
    await giveTo(path, top, context.idMap);
    await chmod(path, top.mode);
  }
  const root = openMountedTree(scratchIn(context.directory), path, []);
  try {
    const options = { destination: '/', owner: undefined, mode: undefined, parents: false, unpack: false };
    await writeItems(root, items, { ...options, idMap: context.idMap, signal });
  } finally {
    closeSync(root);
  }
}

/** Until disposal. */
async function lock(build: StageContext, name: string): Promise<AsyncDisposable> {
  const got = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const over = build.shared.context.locks.run(name, async () => {
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
