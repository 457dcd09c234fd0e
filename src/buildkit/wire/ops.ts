import { bytes, integer, list, map, message, messages, nested, text } from '../../grpc/message.js';

// Of buildkit's solver/pb/ops.proto, as far as it is used here.

export const platform = message({ Architecture: [1, text], OS: [2, text], Variant: [3, text] });

const input = message({ digest: [1, text], index: [2, integer] });

const sourceOp = message({ identifier: [1, text], attrs: [2, map(text)] });

export const op = message({ inputs: [1, messages(input)], source: [3, nested(sourceOp)] });

const opMetadata = message({ description: [2, map(text)] });

export const definition = message({ def: [1, list(bytes)], metadata: [2, map(nested(opMetadata))] });

const position = message({ line: [1, integer], character: [2, integer] });

export const range = message({ start: [1, nested(position)], end: [2, nested(position)] });

export const sourceInfo = message({ filename: [1, text], data: [2, bytes], language: [4, text] });
