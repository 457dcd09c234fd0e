import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest } from '../../../shared/digest.js';
import { downloadFile, isUrl } from '../context/download.js';
import { cloneRepository, isGitUrl } from '../context/git.js';
import { singleFileItem } from '../copy/made-items.js';
import { readSources } from '../copy/read-sources.js';
import type { SourceItem } from '../copy/source-tree.js';
import type { Instruction } from '../dockerfile/instruction.js';
import { buildInvalid, copyFailed } from '../errors.js';
import type { StageContext } from './stage-context.js';

/** Whether ADD takes a word from the network. Throws BUILD_COPY_FAILED for COPY. */
export function isRemote({ name }: Instruction, word: string): boolean {
  if (!isUrl(word) && !(name === 'ADD' && isGitUrl(word))) return false;
  if (name === 'COPY') throw copyFailed('COPY', "source can't be a URL for COPY");
  return true;
}

/** What ADD's URLs lead to, below a directory that the caller removes. */
export async function remoteItems(
  build: StageContext,
  instruction: Instruction,
  urls: readonly string[],
  directory: string,
): Promise<readonly SourceItem[]> {
  const checksum = instruction.flags.get('checksum')?.map((word) => build.expand(word))[0];
  const items: SourceItem[] = [];
  for (const url of urls) {
    const place = await mkdtemp(join(directory, 'remote-'));
    if (isGitUrl(url)) items.push(...(await repository(build, instruction, { url, place, checksum })));
    else items.push(await download(build, instruction, { url, place, checksum }));
  }
  return items;
}

/** `--checksum` is for one thing, from the network. */
export function checkChecksum({ flags, args }: Instruction, urls: readonly string[]): void {
  const [checksum] = flags.get('checksum') ?? [];
  if (checksum === undefined) return;
  if (args.length !== 2) throw buildInvalid("checksum can't be specified for multiple sources");
  if (urls.length !== 1) throw buildInvalid('checksum requires HTTP(S) or Git sources');
}

interface Remote {
  readonly url: string;
  /** An empty directory. */
  readonly place: string;
  readonly checksum: string | undefined;
}

/** What is in it, as of one commit. */
async function repository(
  build: StageContext,
  { name, flags }: Instruction,
  { url, place, checksum }: Remote,
): Promise<readonly SourceItem[]> {
  const { signal } = build.shared;
  const keepGitDirectory = flags.get('keep-git-dir')?.[0] === 'true';
  const root = await cloneRepository(url, place, { signal, keepGitDirectory, commit: checksum });
  return await readSources({ root }, { instruction: name, paths: ['.'], exclude: [], missing: '', signal });
}

async function download(
  build: StageContext,
  { name, args }: Instruction,
  { url, place, checksum }: Remote,
): Promise<SourceItem> {
  if (checksum !== undefined && !isDigest(checksum)) throw buildInvalid(digestFault(checksum));
  const file = await downloadFile(url, place, build.shared.signal);
  if (checksum !== undefined && checksum !== file.digest) {
    throw copyFailed(name, `digest mismatch ${file.digest}: ${checksum}`);
  }
  if (file.name === '' && args.at(-1)?.endsWith('/')) {
    throw copyFailed(name, `cannot determine filename for source ${url}`);
  }
  return singleFileItem(file);
}

function digestFault(text: string): string {
  const [, algorithm] = /^([a-z0-9]+(?:[.+_-][a-z0-9]+)*):[a-zA-Z0-9=_-]+$/.exec(text) ?? [];
  if (algorithm === undefined) return 'invalid checksum digest format';
  return algorithm === 'sha256' ? 'invalid checksum digest length' : 'unsupported digest algorithm';
}
