import { list, object, text } from '../../../api/decode.js';
import type { LayerChains, LayerLine, LayerSizes } from '../../../api/image-layers.js';
import { empty, get, json, post, put, type Route } from '../route.js';

export interface OwnImageBackend {
  layers(name: string): AsyncIterable<LayerLine>;
  layerSizes(chains: LayerChains['Chains']): Promise<LayerSizes['Sizes']>;
  imagePolicy(): Promise<string | undefined>;
  replaceImagePolicy(text: string | undefined): Promise<void>;
  save(
    names: readonly string[],
    options: { readonly only: readonly string[] },
  ): Promise<AsyncIterable<Uint8Array>>;
}

const chains = object({ Chains: list(list(text)) });
const policy = object({ Policy: text });
const partialArchive = object({ Names: list(text), Layers: list(text) });

/** End points of our own for images; see `api/image-layers.ts` and `api/image-policy.ts`. */
export function ownImageRoutes(images: OwnImageBackend): readonly Route[] {
  return [
    get('/tsmachine/images/{name:path}/layers', async ({ params }) => ({
      kind: 'messages',
      source: images.layers(params.name),
    })),
    post('/tsmachine/layers/sizes', async (request) => {
      const body = await request.json(chains);
      return json(200, { Sizes: await images.layerSizes(body?.Chains ?? []) });
    }),
    get('/tsmachine/image-policy', async () => json(200, { Policy: (await images.imagePolicy()) ?? null })),
    put('/tsmachine/image-policy', async (request) => {
      await images.replaceImagePolicy((await request.json(policy))?.Policy);
      return empty(204);
    }),
    post('/tsmachine/images/archive', async (request) => {
      const { Names: names = [], Layers: layers = [] } = (await request.json(partialArchive)) ?? {};
      const source = await images.save(names, { only: layers });
      return { kind: 'stream', status: 200, type: 'application/x-tar', source };
    }),
  ];
}
