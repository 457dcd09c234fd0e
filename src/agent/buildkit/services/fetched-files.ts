import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type definition, op } from '../../../buildkit/wire/ops.js';
import type { MessageOf } from '../../../grpc/message.js';
import { randomId } from '../../../shared/identifiers.js';
import { downloadFile, isUrl } from '../../build/context/download.js';
import { largestDockerfile } from '../../build/dockerfile/limits.js';
import { buildTooLarge } from '../../build/errors.js';
import { solveInvalid, solveUnsupported } from '../errors.js';
import type { Job } from '../solve/jobs.js';

/** A graph that does nothing but to download: how clients read a Dockerfile from a URL. Answers its identity. */
export async function fetchFile(
  job: Job,
  graph: MessageOf<typeof definition>,
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  const sources = graph.def.flatMap((each) => op.decode(each).source ?? []);
  const [source] = sources;
  if (!source || sources.length !== 1 || graph.def.length > 2 || !isUrl(source.identifier))
    throw solveUnsupported('building a graph of operations (LLB)');
  const url = source.identifier;
  const work = join(directory, 'tmp', randomId());
  await mkdir(work, { recursive: true, mode: 0o700 });
  try {
    const content = await job.status.during(url.replace(/\/\/[^/@]*@/, '//'), async () => {
      const { path } = await downloadFile(url, work, signal);
      if ((await stat(path)).size > largestDockerfile) throw buildTooLarge(`the Dockerfile ${url}`, '2 MiB');
      return await readFile(path);
    });
    const id = randomId();
    job.files.set(id, { name: source.attrs.get('http.filename') ?? '', content });
    return id;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Throws SOLVE_INVALID for what was not fetched. */
export function fetchedFile(job: Job, id: string, path: string): Buffer {
  const file = job.files.get(id);
  if (!file || file.name !== path)
    throw solveInvalid(`${JSON.stringify(path)} cannot be read from this result`);
  return file.content;
}
