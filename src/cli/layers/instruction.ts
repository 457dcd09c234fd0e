import type { LayerHead } from '../../api/image-layers.js';

/** What history says of a step, as it was written in the Dockerfile, as far as builders leave that to be seen. */
export function instructionOf({ createdBy, comment }: LayerHead): string {
  const text = createdBy
    .replace(/\s+# buildkit$/, '')
    .replace(/^\|\d+ .*?(?=\/bin\/sh -c )/s, '')
    .replaceAll('\t', ' ')
    .trim();
  const isConfig = /^\/bin\/sh -c #\(nop\)\s+/.exec(text);
  if (isConfig) return text.slice(isConfig[0].length).trim();
  const isShell = /^(?:RUN )?\/bin\/sh -c /.exec(text);
  if (isShell) return `RUN ${text.slice(isShell[0].length).trim()}`;
  return text || comment;
}
