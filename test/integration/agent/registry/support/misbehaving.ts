import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { ContentStore } from '../../../../../src/agent/image/content-store.js';
import { FileImageStore } from '../../../../../src/agent/image/file-image-store.js';
import { OverlayLayerStore } from '../../../../../src/agent/layer/overlay-layer-store.js';
import type { PullRequest } from '../../../../../src/agent/registry/puller.js';
import {
  RegistryPuller,
  type RegistryPullerOptions,
} from '../../../../../src/agent/registry/registry-puller.js';
import type { ProgressMessage } from '../../../../../src/api/progress.js';
import { digestHex, digestOf } from '../../../../../src/shared/digest.js';
import { tarEnd, tarFile } from '../../../../../src/shared/tar/tar-writer.js';
import { closeServer, listen } from '../../../../support/registry.js';
import { temporaryDirectory } from '../../../../support/temporary-directory.js';

/** A puller with stores of its own. */
export async function openPuller(options: Partial<RegistryPullerOptions> = {}) {
  const dir = await temporaryDirectory();
  const layers = new OverlayLayerStore({ root: `${dir.path}/layers` });
  const content = new ContentStore({ root: `${dir.path}/content` });
  const images = new FileImageStore({ root: `${dir.path}/images`, layers, content });
  const puller = new RegistryPuller({
    ...{ images, layers, content, architecture: 'amd64', firstRetryDelayMs: 5, stallMs: 5000 },
    ...options,
  });
  const messages: ProgressMessage[] = [];
  const pull = (reference: string, rest: Partial<PullRequest> = {}) =>
    puller.pull({
      reference,
      progress: (message) => messages.push(message),
      signal: new AbortController().signal,
      ...rest,
    });
  return {
    ...{ layers, content, images, messages, pull },
    async [Symbol.asyncDispose]() {
      await layers.flush();
      await dir[Symbol.asyncDispose]();
    },
  };
}

type Opened = Awaited<ReturnType<typeof openPuller>>;

export async function expectNothing({ images, layers, content }: Opened): Promise<void> {
  expect(await images.list()).toEqual([]);
  expect(await layers.list()).toEqual([]);
  expect(await content.list()).toEqual([]);
}

export function smallImage(count: number) {
  const layers = Array.from({ length: count }, (_, n) =>
    Buffer.concat([tarFile({ type: 'file', name: `f${n}` }, randomBytes(300_000)), tarEnd]),
  );
  const config = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map((l) => digestOf(l)) },
  };
  return { config: Buffer.from(JSON.stringify(config)), layers };
}

/** Serves one small image; `misbehave` may answer in its place by returning true. */
export async function serveImage(
  misbehave: (request: IncomingMessage, response: ServerResponse) => boolean,
  count = 1,
) {
  const image = smallImage(count);
  const [layer = Buffer.alloc(0)] = image.layers;
  const describe = (blob: Buffer) => ({ digest: digestOf(blob), size: blob.length });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: describe(image.config),
      layers: image.layers.map(describe),
    }),
  );
  const listener: RequestListener = (request, response) => {
    if (misbehave(request, response)) return;
    const { url = '' } = request;
    if (url === '/v2/') response.end('{}');
    else if (url.includes('/manifests/')) response.end(manifest);
    else response.end(image.layers.find((one) => url.endsWith(digestOf(one))) ?? image.config);
  };
  const server = createServer(listener);
  const host = `127.0.0.1:${await listen(server)}`;
  const isLayer = (request: IncomingMessage) => request.url?.endsWith(digestHex(digestOf(layer))) ?? false;
  return { host, ...image, manifest, layer, isLayer, [Symbol.asyncDispose]: () => closeServer(server) };
}
