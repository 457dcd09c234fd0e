import { type definition, op } from '../../../buildkit/wire/ops.js';
import type { MessageOf } from '../../../grpc/message.js';
import { digestOf } from '../../../shared/digest.js';

const scheme = 'tsmachine-result://';

/** A graph for the client to hand back when another of its builds begins with this result. */
export function resultDefinition(id: string) {
  const source = op.encode({ source: { identifier: `${scheme}${id}` } });
  const end = op.encode({ inputs: [{ digest: digestOf(source) }] });
  const metadata = { description: new Map([['llb.customname', 'the result of another build']]) };
  return { def: [source, end], metadata: new Map([source, end].map((each) => [digestOf(each), metadata])) };
}

/** The result that a graph names; undefined for any other graph. */
export function resultOf(graph: MessageOf<typeof definition> | undefined): string | undefined {
  for (const each of graph?.def ?? []) {
    const identifier = op.decode(each).source?.identifier ?? '';
    if (identifier.startsWith(scheme)) return identifier.slice(scheme.length);
  }
  return undefined;
}
