import { bytes, integer, message, nested, text } from '../../grpc/message.js';

// Of containerd's api/services/content/v1/content.proto, as far as it is used here: what a client's content store is
// read and written by.

export const infoRequest = message({ digest: [1, text] });
const info = message({ digest: [1, text], size: [2, integer] });
export const infoResponse = message({ info: [1, nested(info)] });

export const readRequest = message({ digest: [1, text], offset: [2, integer], size: [3, integer] });
export const readResponse = message({ offset: [1, integer], data: [2, bytes] });

export const writeAction = { stat: 0, write: 1, commit: 2 } as const;
export const writeRequest = message({
  action: [1, integer],
  ref: [2, text],
  total: [3, integer],
  expected: [4, text],
  offset: [5, integer],
  data: [6, bytes],
});
export const writeResponse = message({ action: [1, integer], offset: [4, integer], digest: [6, text] });

export const abortRequest = message({ ref: [1, text] });
