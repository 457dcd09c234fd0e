import type { Digest } from '../../../shared/digest.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageConfig } from '../../image/image-config.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { SourceTree } from '../copy/source-tree.js';
import { buildInvalid } from '../errors.js';
import { earlierStage } from '../plan/stages.js';
import { mountLayers } from './change-layer.js';
import type { StageContext } from './stage-context.js';
import { topLayerOf } from './state.js';

/** What `from=` names: the layers of a stage (by name or index), of an image, or files of the client's. */
export type Source =
  | { readonly kind: 'layers'; readonly chainId: Digest | undefined }
  | { readonly kind: 'files'; readonly tree: SourceTree };

export async function sourceOf(build: StageContext, reference: string): Promise<Source> {
  const { request, file } = build.shared;
  if (reference.includes('$')) {
    throw buildInvalid(
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
    );
  }
  const named = request.namedContext?.(reference);
  if (named?.kind === 'files') return { kind: 'files', tree: await named.source.tree() };
  if (named?.kind === 'built') return { kind: 'layers', chainId: held(build, await named.config()) };
  if (named) return { kind: 'layers', chainId: await imageLayers(build, named.name) };
  const stage = earlierStage(file, build.stage, reference, true);
  if (stage) return { kind: 'layers', chainId: topLayerOf(await build.shared.stage(stage.index)) };
  if (/^\d+$/.test(reference))
    throw buildInvalid(`invalid from flag value ${reference}: refers to current build block`);
  return { kind: 'layers', chainId: await imageLayers(build, reference) };
}

/** The files of a source, in place until the stack is disposed of. */
export async function mountSource(
  build: StageContext,
  source: Source,
  resources: AsyncDisposableStack,
): Promise<SourceTree> {
  if (source.kind === 'files') return source.tree;
  return { root: resources.use(await mountLayers(build.shared.context, source.chainId)).path };
}

async function imageLayers(build: StageContext, name: string): Promise<Digest | undefined> {
  const { context, request, signal } = build.shared;
  const pulling = build.progress.pulling.bind(build.progress);
  const { config } = await context.base(name, { pull: request.pull, platform: undefined, pulling, signal });
  return held(build, config);
}

function held(build: StageContext, config: ImageConfig): Digest | undefined {
  const layers = chainIdsOf(diffIdsOf(config));
  build.shared.hold(layers);
  return layers.at(-1);
}
