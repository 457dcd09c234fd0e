import { type ErrorKind, errorMessage, isTsmachineError, TsmachineError } from '../shared/errors.js';

/** The codes of gRPC that are used here (grpc.io, "Status codes"). */
export const grpcCode = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
} as const;

/** A typed addition to an error: google.protobuf.Any. */
export interface GrpcDetail {
  readonly type: string;
  readonly value: Uint8Array;
}

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly GrpcDetail[];
}

/** What a call ended with, whoever has answered it. */
export class GrpcError extends TsmachineError {
  readonly status: GrpcStatus;

  constructor(status: GrpcStatus, cause?: unknown) {
    super(kinds.get(status.code) ?? 'internal', 'GRPC_FAILED', status.message, { cause });
    this.status = status;
  }
}

export const malformedMessage = (cause: unknown) =>
  new TsmachineError(
    'invalid-argument',
    'GRPC_MESSAGE_MALFORMED',
    `malformed protobuf message: ${errorMessage(cause)}`,
    { cause },
  );

export const messageTooLarge = (length: number, limit: number) =>
  new TsmachineError(
    'invalid-argument',
    'GRPC_MESSAGE_TOO_LARGE',
    `a message of ${length} bytes is larger than ${limit}`,
  );

export const malformedStream = (reason: string) =>
  new TsmachineError('invalid-argument', 'GRPC_STREAM_MALFORMED', `malformed gRPC stream: ${reason}`);

export const unknownMethod = (path: string) =>
  new TsmachineError('not-implemented', 'GRPC_METHOD_UNKNOWN', `unknown service or method ${path}`);

export const connectionLost = (cause?: unknown) =>
  new TsmachineError('unavailable', 'GRPC_CONNECTION_LOST', 'the gRPC connection is gone', {
    cause,
  });

/** For the wire. What clients are to print as it is has the code "unknown". */
export function statusOf(error: unknown): GrpcStatus {
  if (error instanceof GrpcError) return error.status;
  const code = isTsmachineError(error) ? (codes[error.kind] ?? grpcCode.unknown) : grpcCode.unknown;
  return { code, message: errorMessage(error), details: [] };
}

const codes: Readonly<Partial<Record<ErrorKind, number>>> = {
  canceled: grpcCode.canceled,
  unavailable: grpcCode.unavailable,
  'not-implemented': grpcCode.unimplemented,
};

const kinds: ReadonlyMap<number, ErrorKind> = new Map([
  [grpcCode.canceled, 'canceled'],
  [3, 'invalid-argument'],
  [4, 'deadline-exceeded'],
  [grpcCode.notFound, 'not-found'],
  [grpcCode.alreadyExists, 'already-exists'],
  [7, 'permission-denied'],
  [grpcCode.unimplemented, 'not-implemented'],
  [grpcCode.unavailable, 'unavailable'],
  [16, 'unauthenticated'],
]);
