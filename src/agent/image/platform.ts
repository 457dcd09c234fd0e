import { platformMismatch } from './errors.js';
import type { ImageConfig } from './image-config.js';

/** OCI image-spec, image-index.md, "platform"; "linux", "arm64", "v8". */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** Whether a program for the one is one for the other; a variant counts where both tell it. */
export function isSamePlatform(a: Platform, b: Platform): boolean {
  const [one, other] = [variantOf(a), variantOf(b)];
  const isSameVariant = one === undefined || other === undefined || one === other;
  return a.os === b.os && a.architecture === b.architecture && isSameVariant;
}

/** Throws IMAGE_PLATFORM_MISMATCH. */
export function requirePlatform(reference: string, config: ImageConfig, wanted: Platform | undefined): void {
  if (!wanted || isSamePlatform(config, wanted)) return;
  throw platformMismatch(reference, formatPlatform(wanted), formatPlatform(config));
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** arm64 is v8 where nothing else is said. */
function variantOf({ architecture, variant }: Platform): string | undefined {
  return variant || (architecture === 'arm64' ? 'v8' : undefined);
}
