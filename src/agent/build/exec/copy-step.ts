import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../../shared/identifiers.js';
import { lookupUser } from '../../runtime/user-lookup.js';
import type { Owner } from '../../userns/id-map.js';
import { heredocItem } from '../copy/made-items.js';
import { parseModeChange } from '../copy/mode-change.js';
import { itemsDigest, keptPath, readSources } from '../copy/read-sources.js';
import type { SourceItem, SourceTree } from '../copy/source-tree.js';
import { writeItems } from '../copy/write-items.js';
import { expandText } from '../dockerfile/expand.js';
import type { Instruction } from '../dockerfile/instruction.js';
import { buildInvalid } from '../errors.js';
import { absolutePath } from './apply-config.js';
import { changeLayer } from './change-layer.js';
import { checkChecksum, isRemote, remoteItems } from './remote-sources.js';
import { mountSource, sourceOf } from './source-image.js';
import type { StageContext, Step } from './stage-context.js';
import { runConfigOf, shellOf, topLayerOf } from './state.js';

/** COPY and ADD. The sources are read now: they decide whether the result is known. */
export async function copyStep(build: StageContext, instruction: Instruction): Promise<Step> {
  const { name, flags } = instruction;
  const words = instruction.args.map((word) => (word.startsWith('<<') ? word : build.expand(word)));
  const destination = absolutePath(runConfigOf(build.state), words.at(-1) ?? '');
  const sources = words.slice(0, -1);
  const chown = flags.get('chown')?.map((word) => build.expand(word))[0];
  const chmod = flags.get('chmod')?.map((word) => build.expand(word))[0];
  const mode = chmod === undefined ? undefined : parseModeChange(chmod);
  const parents = flags.get('parents')?.[0] === 'true';
  const from = flags.get('from')?.[0];
  const unpack = flags.get('unpack')?.[0] ?? null;
  const read = () => readAll(build, instruction, sources);

  const scope = await read();
  const hash = itemsDigest(scope.items);
  if (scope.items.length > 1 && !destination.endsWith('/')) {
    await scope[Symbol.asyncDispose]();
    throw buildInvalid(
      `When using ${name} with more than one source file, the destination must be a directory and end with a /`,
    );
  }
  const config = runConfigOf(build.state);
  const options = [chown && `--chown=${chown}`, chmod && `--chmod=${chmod.replace(/^0+(?=\d)/, '')}`].filter(
    Boolean,
  );
  const comment = [name, ...options, hash, 'in', destination, ''].join(' ');
  build.shared.onEnd(async () => scope[Symbol.asyncDispose]());
  return {
    createdBy: [...shellOf(config), `#(nop) ${comment}`].join(' '),
    depends: [parents ? scope.items.map(keptPath) : null, unpack],
    config,
    makeLayer: () =>
      changeLayer(
        build.shared.context,
        topLayerOf(build.state),
        async (root, path) => {
          const owner =
            chown === undefined
              ? from === undefined
                ? { uid: 0, gid: 0 }
                : undefined
              : await ownerOf(path, chown);
          await writeItems(root, scope.items, {
            ...{
              destination,
              owner,
              mode,
              parents,
              unpack: unpack === null ? name === 'ADD' && !scope.downloaded : unpack === 'true',
            },
            signal: build.shared.signal,
          });
        },
        build.shared.signal,
      ),
  };
}

interface Sources extends AsyncDisposable {
  readonly items: readonly SourceItem[];
  readonly downloaded: boolean;
}

async function readAll(
  build: StageContext,
  instruction: Instruction,
  words: readonly string[],
): Promise<Sources> {
  const { signal } = build.shared;
  await using resources = new AsyncDisposableStack();
  const items: SourceItem[] = [];
  const plain = words.filter((word) => !word.startsWith('<<') && !isRemote(instruction, word));
  const urls = words.filter((word) => isRemote(instruction, word));
  checkChecksum(instruction, urls);
  if (urls.length > 0 || instruction.heredocs.length > 0) {
    const directory = await temporaryDirectory(build, resources);
    items.push(...(await remoteItems(build, instruction, urls, directory)));
    for (const heredoc of instruction.heredocs) {
      const content = heredoc.expand
        ? expandText(heredoc.content, build.variables(), build.shared.file.escapeToken)
        : heredoc.content;
      items.push(await heredocItem(directory, heredoc.name, content));
    }
  }
  if (plain.length > 0) {
    const { tree, missing } = await sourceTree(build, instruction, resources);
    const exclude = (instruction.flags.get('exclude') ?? []).map((word) => build.expand(word));
    const found = await readSources(tree, {
      instruction: instruction.name,
      paths: plain,
      exclude,
      missing,
      signal,
    });
    items.push(...found);
  }
  const kept = resources.move();
  return { items, downloaded: urls.length > 0, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function temporaryDirectory(build: StageContext, resources: AsyncDisposableStack): Promise<string> {
  const directory = join(build.shared.context.directory, 'tmp', randomId());
  await mkdir(directory, { recursive: true, mode: 0o700 });
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function sourceTree(
  build: StageContext,
  { flags }: Instruction,
  resources: AsyncDisposableStack,
): Promise<{ readonly tree: SourceTree; readonly missing: string }> {
  const from = flags.get('from')?.[0];
  if (from === undefined) {
    return {
      tree: await build.files(),
      missing: 'file not found in build context or excluded by .dockerignore: ',
    };
  }
  return { tree: await mountSource(build, await sourceOf(build, from), resources), missing: '' };
}

/** Without a group it is the user's own name or number. */
async function ownerOf(root: string, chown: string): Promise<Owner> {
  const { uid, gid } = await lookupUser(root, chown.includes(':') ? chown : `${chown}:${chown}`);
  return { uid, gid };
}
