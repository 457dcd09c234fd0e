import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../../shared/identifiers.js';
import type { Owner } from '../../rootfs/tree-extractor.js';
import { lookupUser } from '../../runtime/user-lookup.js';
import { downloadFile, isUrl } from '../context/download.js';
import { cloneRepository, isGitUrl } from '../context/git.js';
import { heredocItem, singleFileItem } from '../copy/made-items.js';
import { itemsDigest, readSources } from '../copy/read-sources.js';
import type { SourceItem, SourceTree } from '../copy/source-tree.js';
import { writeItems } from '../copy/write-items.js';
import { expandText } from '../dockerfile/expand.js';
import type { Instruction } from '../dockerfile/instruction.js';
import { buildInvalid, copyFailed } from '../errors.js';
import { absolutePath } from './apply-config.js';
import { changeLayer } from './change-layer.js';
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
  const mode = modeOf(flags.get('chmod')?.map((word) => build.expand(word))[0]);
  const parents = flags.get('parents')?.[0] === 'true';
  const from = flags.get('from')?.[0];
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
  const options = [chown && `--chown=${chown}`, mode !== undefined && `--chmod=${mode.toString(8)}`].filter(
    Boolean,
  );
  const comment = [name, ...options, hash, 'in', destination, ''].join(' ');
  build.shared.onEnd(async () => scope[Symbol.asyncDispose]());
  return {
    createdBy: [...shellOf(config), `#(nop) ${comment}`].join(' '),
    depends: [parents ? scope.items.map(({ path }) => path) : null],
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
            ...{ destination, owner, mode, parents, unpack: name === 'ADD' && !scope.downloaded },
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
  if (urls.length > 0 || instruction.heredocs.length > 0) {
    const directory = await temporaryDirectory(build, resources);
    for (const url of urls) {
      if (isGitUrl(url)) items.push(...(await repository(build, instruction, url, directory)));
      else items.push(await download(build, instruction, url, directory));
    }
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

function isRemote({ name }: Instruction, word: string): boolean {
  if (!isUrl(word) && !(name === 'ADD' && isGitUrl(word))) return false;
  if (name === 'COPY') throw copyFailed('COPY', "source can't be a URL for COPY");
  return true;
}

/** ADD of a git repository: what is in it, as of one commit. */
async function repository(
  build: StageContext,
  { name, flags }: Instruction,
  url: string,
  directory: string,
): Promise<readonly SourceItem[]> {
  const { signal } = build.shared;
  const clone = await mkdtemp(join(directory, 'git-'));
  const keepGitDirectory = flags.get('keep-git-dir')?.[0] === 'true';
  const root = await cloneRepository(url, clone, { signal, keepGitDirectory });
  return await readSources({ root }, { instruction: name, paths: ['.'], exclude: [], missing: '', signal });
}

async function download(
  build: StageContext,
  { name, args, flags }: Instruction,
  url: string,
  directory: string,
): Promise<SourceItem> {
  const file = await downloadFile(url, directory, build.shared.signal);
  const checksum = flags.get('checksum')?.map((word) => build.expand(word))[0];
  if (checksum !== undefined && checksum !== file.digest) {
    throw copyFailed(name, `digest mismatch ${file.digest}: ${checksum}`);
  }
  if (file.name === '' && args.at(-1)?.endsWith('/')) {
    throw copyFailed(name, `cannot determine filename for source ${url}`);
  }
  return singleFileItem(file);
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

function modeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-7]{1,4}$/.test(text)) {
    throw buildInvalid(
      `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
    );
  }
  return Number.parseInt(text, 8);
}
