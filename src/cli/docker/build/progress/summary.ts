import type { TracedVertex, TracedWarning } from './build-trace.js';

const rule = '------';

/** What the steps that failed had said last. */
export function failureLines(vertices: readonly TracedVertex[]): readonly string[] {
  return vertices.flatMap((vertex) => {
    if (vertex.error === '' || vertex.isCanceled) return [];
    return [rule, ` > ${vertex.name}:`, ...vertex.output.tail, rule];
  });
}

export function warningLines(warnings: readonly TracedWarning[]): readonly string[] {
  if (warnings.length === 0) return [];
  const title = warnings.length === 1 ? ' 1 warning found:' : ` ${warnings.length} warnings found:`;
  return ['', title, ...warnings.map(({ text, url }) => ` - ${text}${url === '' ? '' : ` (${url})`}`)];
}
