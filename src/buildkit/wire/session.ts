import {
  bigInteger,
  bytes,
  integer,
  type MessageOf,
  map,
  message,
  nested,
  text,
} from '../../grpc/message.js';

// The services that a client offers in its session: buildkit's session/*/*.proto, and fsutil's types/*.proto.

export const bytesMessage = message({ data: [1, bytes] });

/** `mode` is Go's os.FileMode. */
export const fileStat = message({
  path: [1, text],
  mode: [2, integer],
  uid: [3, integer],
  gid: [4, integer],
  size: [5, integer],
  modTime: [6, bigInteger],
  linkname: [7, text],
  devmajor: [8, integer],
  devminor: [9, integer],
  xattrs: [10, map(bytes)],
});
export type FileStat = MessageOf<typeof fileStat>;

export const packetType = { stat: 0, request: 1, data: 2, finished: 3, error: 4 } as const;
export const packet = message({
  type: [1, integer],
  stat: [2, nested(fileStat)],
  ID: [3, integer],
  data: [4, bytes],
});

export const credentialsRequest = message({ Host: [1, text] });
export const credentialsResponse = message({ Username: [1, text], Secret: [2, text] });

export const secretRequest = message({ ID: [1, text] });
export const secretResponse = message({ data: [1, bytes] });

export const checkAgentRequest = message({ ID: [1, text] });

/** Of grpc.health.v1. */
export const healthRequest = message({ service: [1, text] });
export const healthResponse = message({ status: [1, integer] });
export const servingStatus = 1;
