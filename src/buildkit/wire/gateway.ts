import {
  bool,
  bytes,
  integer,
  type MessageOf,
  map,
  message,
  messages,
  nested,
  text,
} from '../../grpc/message.js';
import { rpcStatus } from '../../grpc/status-trailers.js';
import { workerRecord } from './control.js';
import { definition } from './ops.js';
import { fileStat } from './session.js';

// Of buildkit's frontend/gateway/pb/gateway.proto and util/apicaps/pb/caps.proto, as far as it is used here.

const capability = message({ ID: [1, text], Enabled: [2, bool] });
export const pongResponse = message({
  FrontendAPICaps: [1, messages(capability)],
  LLBCaps: [2, messages(capability)],
  Workers: [3, messages(workerRecord)],
});

const cacheEntry = message({ Type: [1, text], Attrs: [2, map(text)] });
export const gatewaySolveRequest = message({
  Definition: [1, nested(definition)],
  Frontend: [2, text],
  FrontendOpt: [3, map(text)],
  CacheImports: [12, messages(cacheEntry)],
  FrontendInputs: [13, map(nested(definition))],
  Evaluate: [14, bool],
});
export type GatewaySolveRequest = MessageOf<typeof gatewaySolveRequest>;

const ref = message({ id: [1, text], def: [2, nested(definition)] });
const refMap = message({ refs: [1, map(nested(ref))] });
const result = message({
  refDeprecated: [1, text],
  ref: [3, nested(ref)],
  refs: [4, nested(refMap)],
  metadata: [10, map(bytes)],
});
export const gatewaySolveResponse = message({ ref: [1, text], result: [3, nested(result)] });

export const returnRequest = message({ result: [1, nested(result)], error: [2, nested(rpcStatus)] });

export const evaluateRequest = message({ Ref: [1, text] });
export const inputsResponse = message({ Definitions: [1, map(nested(definition))] });

const fileRange = message({ Offset: [1, integer], Length: [2, integer] });
export const readFileRequest = message({
  Ref: [1, text],
  FilePath: [2, text],
  Range: [3, nested(fileRange)],
});
export const readFileResponse = message({ Data: [1, bytes] });
export const statFileRequest = message({ Ref: [1, text], Path: [2, text] });
export const statFileResponse = message({ stat: [1, nested(fileStat)] });
