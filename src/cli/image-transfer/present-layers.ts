import type { EngineClient } from '../../api/client/engine-client.js';
import { layerSizes } from '../../api/client/image-layers.js';
import { inspectImage, listImages } from '../../api/client/images.js';
import { isTsmachineError } from '../../shared/errors.js';

export interface PresentLayers {
  /** It is tsmachine's agent. */
  readonly isOwn: boolean;
  /** For each image how many of its layers, from the lowest up, are there. */
  readonly counts: readonly number[];
}

type Chains = readonly (readonly string[])[];

/**
 * Which layers a machine has. tsmachine's agent tells; of a Docker Engine those of its images are known. (An engine
 * whose images are containerd's has other IDs for them: there this finds the same layers, but they may be of no use.)
 */
export async function presentLayers(
  client: EngineClient,
  chains: Chains,
  signal: AbortSignal,
): Promise<PresentLayers> {
  const sizes = await layerSizes(client, chains, signal);
  if (!sizes) return { isOwn: false, counts: countPresent(chains, await chainsOfImages(client, signal)) };
  const counts = sizes.map((each) => {
    const first = each.indexOf(null);
    return first === -1 ? each.length : first;
  });
  return { isOwn: true, counts };
}

function countPresent(chains: Chains, known: Chains): readonly number[] {
  const present = new Set(
    known.flatMap((chain) => chain.map((_, index) => chain.slice(0, index + 1).join(' '))),
  );
  return chains.map((chain) => {
    let count = 0;
    while (count < chain.length && present.has(chain.slice(0, count + 1).join(' '))) count++;
    return count;
  });
}

async function chainsOfImages(client: EngineClient, signal: AbortSignal): Promise<Chains> {
  const ids = (await listImages(client, { all: true }, signal)).map(({ Id }) => Id).values();
  const chains: (readonly string[])[] = [];
  const worker = async (): Promise<void> => {
    for (const id of ids) {
      const image = await inspectImage(client, id, signal).catch(ignoreMissing);
      if (image) chains.push(image.RootFS.Layers);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return chains;
}

/** Removed meanwhile. */
function ignoreMissing(error: unknown): undefined {
  if (!isTsmachineError(error) || error.kind !== 'not-found') throw error;
}
