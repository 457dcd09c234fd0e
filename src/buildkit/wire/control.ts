import {
  bool,
  bytes,
  integer,
  list,
  type MessageOf,
  map,
  message,
  messages,
  nested,
  text,
} from '../../grpc/message.js';
import { definition, platform, range, sourceInfo } from './ops.js';

// Of buildkit's api/services/control/control.proto and api/types/worker.proto, as far as it is used here.

export const nothing = message({});

/** google.protobuf.Timestamp. */
const timestamp = message({ seconds: [1, integer], nanos: [2, integer] });

const exporter = message({ Type: [1, text], Attrs: [2, map(text)] });
const cacheEntry = message({ Type: [1, text], Attrs: [2, map(text)] });
const cacheOptions = message({ Exports: [4, messages(cacheEntry)], Imports: [5, messages(cacheEntry)] });

export const solveRequest = message({
  Ref: [1, text],
  Definition: [2, nested(definition)],
  ExporterDeprecated: [3, text],
  ExporterAttrsDeprecated: [4, map(text)],
  Session: [5, text],
  Frontend: [6, text],
  FrontendAttrs: [7, map(text)],
  Cache: [8, nested(cacheOptions)],
  Entitlements: [9, list(text)],
  FrontendInputs: [10, map(nested(definition))],
  Exporters: [13, messages(exporter)],
});
export type SolveRequest = MessageOf<typeof solveRequest>;
export const solveResponse = message({ ExporterResponse: [1, map(text)] });

const vertex = message({
  digest: [1, text],
  inputs: [2, list(text)],
  name: [3, text],
  cached: [4, bool],
  started: [5, nested(timestamp)],
  completed: [6, nested(timestamp)],
  error: [7, text],
});
const vertexStatus = message({
  ID: [1, text],
  vertex: [2, text],
  name: [3, text],
  current: [4, integer],
  total: [5, integer],
  timestamp: [6, nested(timestamp)],
  started: [7, nested(timestamp)],
  completed: [8, nested(timestamp)],
});
const vertexLog = message({
  vertex: [1, text],
  timestamp: [2, nested(timestamp)],
  stream: [3, integer],
  msg: [4, bytes],
});
const vertexWarning = message({
  vertex: [1, text],
  level: [2, integer],
  short: [3, bytes],
  detail: [4, list(bytes)],
  url: [5, text],
  info: [6, nested(sourceInfo)],
  ranges: [7, messages(range)],
});
export const statusRequest = message({ Ref: [1, text] });
export const statusResponse = message({
  vertexes: [1, messages(vertex)],
  statuses: [2, messages(vertexStatus)],
  logs: [3, messages(vertexLog)],
  warnings: [4, messages(vertexWarning)],
});

const buildkitVersion = message({ package: [1, text], version: [2, text], revision: [3, text] });
const gcPolicy = message({ all: [1, bool], keepDuration: [2, integer], keepBytes: [3, integer] });
export const workerRecord = message({
  ID: [1, text],
  Labels: [2, map(text)],
  platforms: [3, messages(platform)],
  GCPolicy: [4, messages(gcPolicy)],
  BuildkitVersion: [5, nested(buildkitVersion)],
});
export const listWorkersResponse = message({ record: [1, messages(workerRecord)] });
export const infoResponse = message({ buildkitVersion: [1, nested(buildkitVersion)] });

export const usageRecord = message({
  ID: [1, text],
  Mutable: [2, bool],
  InUse: [3, bool],
  Size: [4, integer],
  CreatedAt: [6, nested(timestamp)],
  LastUsedAt: [7, nested(timestamp)],
  UsageCount: [8, integer],
  Description: [9, text],
  RecordType: [10, text],
  Shared: [11, bool],
});
export const diskUsageRequest = message({ filter: [1, list(text)] });
export const diskUsageResponse = message({ record: [1, messages(usageRecord)] });
export const pruneRequest = message({
  filter: [1, list(text)],
  all: [2, bool],
  keepDuration: [3, integer],
  keepBytes: [4, integer], // since 2024 "reservedSpace"
  maxUsedSpace: [5, integer],
  minFreeSpace: [6, integer],
});

export const buildHistoryRequest = message({ ActiveOnly: [1, bool], Ref: [2, text], EarlyExit: [3, bool] });
export const buildHistoryEvent = message({ type: [1, integer] });

export function timestampOf(milliseconds: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: Math.floor((milliseconds - seconds * 1000) * 1e6) };
}
