import type { LayerHead } from '../../api/image-layers.js';
import { type Digest, digestOf, isDigest } from '../../shared/digest.js';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { imageArchiveUnreadable } from './errors.js';

export interface DecodedConfig {
  readonly id: Digest;
  /** Lowest first. */
  readonly layers: readonly LayerHead[];
}

/** What an image's config (OCI image-spec, config.md) says of its layers. Throws IMAGE_ARCHIVE_UNREADABLE. */
export function decodeConfig(document: Buffer): DecodedConfig {
  const config = parse(document);
  const { rootfs, history } = isJsonObject(config) ? config : {};
  const diffIds = isJsonObject(rootfs) ? rootfs['diff_ids'] : undefined;
  if (!Array.isArray(diffIds) || !diffIds.every(isDigestText)) {
    throw imageArchiveUnreadable("an image's config has no list of layers");
  }
  const steps = Array.isArray(history) ? history.flatMap(decodeStep) : [];
  const isTold = steps.length === diffIds.length;
  const layers = diffIds.map((diffId, index) => ({ ...unknown, ...(isTold && steps[index]), diffId }));
  return { id: digestOf(document), layers };
}

const unknown = { createdBy: '', comment: '' };

/** Nothing for a step that changed only the config. */
function decodeStep(value: unknown): Omit<LayerHead, 'diffId'>[] {
  const { created_by: createdBy, comment, empty_layer: isEmpty } = isJsonObject(value) ? value : {};
  return isEmpty === true ? [] : [{ createdBy: text(createdBy), comment: text(comment) }];
}

function isDigestText(value: unknown): value is Digest {
  return typeof value === 'string' && isDigest(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parse(document: Buffer): unknown {
  try {
    return JSON.parse(document.toString());
  } catch (cause) {
    throw imageArchiveUnreadable(`an image's config is not JSON: ${errorMessage(cause)}`, cause);
  }
}
