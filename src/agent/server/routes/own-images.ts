import type { LayerLine } from '../../../api/image-layers.js';
import { get, type Route } from '../route.js';

export interface OwnImageBackend {
  layers(name: string): AsyncIterable<LayerLine>;
}

/** End points of our own for images; see `api/image-layers.ts`. */
export function ownImageRoutes(images: OwnImageBackend): readonly Route[] {
  return [
    get('/tsmachine/images/{name:path}/layers', async ({ params }) => ({
      kind: 'messages',
      source: images.layers(params.name),
    })),
  ];
}
