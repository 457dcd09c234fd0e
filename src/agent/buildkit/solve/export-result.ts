import { bytesMessage, packet } from '../../../buildkit/wire/session.js';
import type { BuiltImage } from '../../build/exec/request.js';
import { tarTree } from '../../layer/tar-tree.js';
import type { BuildHost } from '../build-host.js';
import { solveInvalid, solveUnsupported } from '../errors.js';
import { sendFiles } from '../files/send-files.js';
import type { Session } from '../session/sessions.js';
import type { BuildStatus } from '../status/build-status.js';
import { fullName } from '../status/step-vertices.js';
import type { Attributes } from './solve-options.js';

export interface ExportRequest {
  readonly type: string;
  readonly attributes: Attributes;
}

export interface ExportContext {
  readonly host: BuildHost;
  readonly session: Session;
  readonly status: BuildStatus;
  readonly signal: AbortSignal;
}

/** Refuses what cannot be done before anything is built. Throws SOLVE_UNSUPPORTED, REFERENCE_INVALID. */
export function checkExports(host: BuildHost, exports: readonly ExportRequest[]): void {
  for (const { type, attributes } of exports) {
    if (!knownTypes.has(type)) throw solveUnsupported(`the output ${JSON.stringify(type)}`);
    const annotation = [...attributes.keys()].find((name) => name.startsWith('annotation'));
    if (annotation) throw solveUnsupported(`an annotation of an image (${JSON.stringify(annotation)})`);
    if (attributes.get('push') === 'true' && type !== 'moby')
      throw solveUnsupported(`pushing by the builder ("push=true" of the output ${JSON.stringify(type)})`);
    if (attributes.get('tar') === 'false')
      throw solveUnsupported('an output that is a directory ("tar=false")');
    for (const name of namesOf(attributes)) host.checkName(name);
  }
}

const knownTypes: ReadonlySet<string> = new Set([
  'moby',
  'image',
  'local',
  'tar',
  'docker',
  'oci',
  'cacheonly',
]);

/** Brings the result where the client wants it; answers what it is told of it. */
export async function exportResult(
  context: ExportContext,
  image: BuiltImage | undefined,
  exports: readonly ExportRequest[],
): Promise<Map<string, string>> {
  const response = new Map<string, string>();
  for (const [index, request] of exports.entries()) {
    if (!image) throw solveInvalid('there is no result to be exported');
    for (const [name, value] of await exportOne(context, image, request, index)) response.set(name, value);
  }
  return response;
}

async function exportOne(
  context: ExportContext,
  image: BuiltImage,
  { type, attributes }: ExportRequest,
  index: number,
): Promise<readonly (readonly [string, string])[]> {
  const names = namesOf(attributes);
  switch (type) {
    case 'cacheonly':
      return [];
    case 'local':
      return await exportDirectory(context, image, index);
    case 'tar':
      return await exportTar(context, image, index);
    case 'docker':
    case 'oci':
      return await exportArchive(context, image, { names, index, type });
    default:
      return await exportImage(context, image, names);
  }
}

async function exportImage(
  { host, status }: ExportContext,
  image: BuiltImage,
  names: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  return await status.during('exporting to image', async (vertex) => {
    vertex.item('exporting layers', { done: true });
    const id = await host.register(image, names);
    vertex.item(`writing image ${id}`, { done: true });
    for (const name of names) vertex.item(`naming to ${fullName(name)}`, { done: true });
    return [
      ['containerimage.digest', id],
      ['containerimage.config.digest', id],
      ...(names.length > 0 ? [['image.name', names.map(fullName).join(',')] as const] : []),
    ];
  });
}

async function exportDirectory(
  { host, session, status, signal }: ExportContext,
  image: BuiltImage,
  index: number,
) {
  return await status.during('exporting to client directory', async (vertex) => {
    await using tree = await host.mount(image.config);
    using stream = session.client.stream(
      fileSend,
      { request: packet, response: packet },
      { metadata: { 'buildkit-attachable-exporter-id': String(index) }, signal },
    );
    let sent = 0;
    await sendFiles(stream, tree.path, (current) => {
      sent = current;
      vertex.item('copying files', { current });
    });
    vertex.item('copying files', { current: sent, done: true });
    return [];
  });
}

async function exportTar(context: ExportContext, image: BuiltImage, index: number) {
  return await context.status.during('exporting to client tarball', async (vertex) => {
    await using tree = await context.host.mount(image.config);
    const tar = tarTree({ directory: tree.path, prefix: '' });
    await sendBytes(context, tar, { 'buildkit-attachable-exporter-id': String(index) }, (sent, done) =>
      vertex.item('sending tarball', { current: sent, done }),
    );
    return [];
  });
}

async function exportArchive(
  context: ExportContext,
  image: BuiltImage,
  {
    names,
    index,
    type,
  }: { readonly names: readonly string[]; readonly index: number; readonly type: string },
) {
  return await context.status.during(`exporting to ${type} image format`, async (vertex) => {
    const archive = context.host.archive(image, names);
    const metadata = {
      'buildkit-attachable-exporter-id': String(index),
      ...(names.length > 0 && { 'exporter-md-image.name': names.map(fullName).join(',') }),
    };
    await sendBytes(context, archive, metadata, (sent, done) =>
      vertex.item('sending tarball', { current: sent, done }),
    );
    return [];
  });
}

const fileSend = '/moby.filesync.v1.FileSend/DiffCopy';

/** To the file that the client has opened for it. */
async function sendBytes(
  { session, signal }: ExportContext,
  chunks: AsyncIterable<Buffer>,
  metadata: Readonly<Record<string, string>>,
  progress: (sent: number, done: boolean) => void,
): Promise<void> {
  using stream = session.client.stream(
    fileSend,
    { request: bytesMessage, response: bytesMessage },
    { metadata, signal },
  );
  let sent = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceLength) {
      await stream.send({ data: chunk.subarray(at, at + pieceLength) });
    }
    sent += chunk.length;
    progress(sent, false);
  }
  stream.end();
  for await (const _ of stream.responses); // until it is written
  progress(sent, true);
}

/** Go's servers take no message above 4 MiB. */
const pieceLength = 1024 * 1024;

function namesOf(attributes: Attributes): readonly string[] {
  return (attributes.get('name') ?? '').split(',').filter(Boolean);
}
