import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { type GrpcDetail, type GrpcStatus, grpcCode } from './errors.js';
import { bytes, integer, message, messages, text } from './message.js';

const any = message({ type: [1, text], value: [2, bytes] });

/** google.rpc.Status. */
export const rpcStatus = message({ code: [1, integer], message: [2, text], details: [3, messages(any)] });

/** The trailers that end a call (gRPC over HTTP2, "Responses"). */
export function statusTrailers(status: GrpcStatus): OutgoingHttpHeaders {
  const details = status.details.length > 0 ? rpcStatus.encode(status) : undefined;
  return {
    'grpc-status': String(status.code),
    ...(status.message !== '' && { 'grpc-message': percentEncoded(status.message) }),
    ...(details &&
      details.length < mostDetails && {
        'grpc-status-details-bin': Buffer.from(details).toString('base64').replace(/=+$/, ''),
      }),
  };
}

/** Headers have limits: what is longer is left out. */
const mostDetails = 40 * 1024;

/** Undefined when they are not a call's end. */
export function readStatus(trailers: IncomingHttpHeaders): GrpcStatus | undefined {
  const code = trailers['grpc-status'];
  if (typeof code !== 'string') return undefined;
  const text = trailers['grpc-message'];
  return {
    code: /^\d{1,2}$/.test(code) ? Number(code) : grpcCode.unknown,
    message: typeof text === 'string' ? percentDecoded(text) : '',
    details: readDetails(trailers['grpc-status-details-bin']),
  };
}

/** Additions that cannot be read are none. */
function readDetails(header: string | readonly string[] | undefined): readonly GrpcDetail[] {
  if (typeof header !== 'string') return [];
  try {
    return rpcStatus.decode(Buffer.from(header, 'base64')).details;
  } catch {
    return [];
  }
}

function percentEncoded(text: string): string {
  return Buffer.from(text.slice(0, mostMessage))
    .toString('latin1')
    .replace(
      /^ | $|[^\x20-\x24\x26-\x7e]/g, // a blank at either end is no part of a header's value
      (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
    );
}

const mostMessage = 4 * 1024;

function percentDecoded(text: string): string {
  const raw = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(raw, 'latin1').toString();
}
