import { type ErrorKind, errorMessage, systemErrorCode, TsmachineError } from '../../shared/errors.js';

const kinds = new Map<number, ErrorKind>([
  [304, 'not-modified'],
  [400, 'invalid-argument'],
  [401, 'unauthenticated'],
  [403, 'permission-denied'],
  [404, 'not-found'],
  [409, 'conflict'],
  [501, 'not-implemented'],
  [503, 'unavailable'],
]);

/** The engine answered with an error status; the message is the engine's own, behind docker's words. */
export function engineError(status: number, message: string): TsmachineError {
  const text = `Error response from daemon: ${message}`;
  return new TsmachineError(kinds.get(status) ?? 'internal', 'ENGINE_ERROR', text);
}

/** The engine broke off a stream of pull, build or the like with an error line; `code` is a build step's exit code. */
export function engineStreamError(message: string, code?: number): TsmachineError {
  return new TsmachineError('internal', 'ENGINE_STREAM_ERROR', message, {
    cause: code && new StepExit(code),
  });
}

/** The exit code of the build step that an ENGINE_STREAM_ERROR is about; undefined for any other error. */
export function stepExitCode(error: unknown): number | undefined {
  return error instanceof Error && error.cause instanceof StepExit ? error.cause.code : undefined;
}

class StepExit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

function engineUnreachable(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'ENGINE_UNREACHABLE',
    `cannot connect to the engine at "${url}": ${errorMessage(cause)}`,
    { hints: ['run "tsmachine ls" to see whether the machine runs'], cause },
  );
}

export function engineTimeout(url: string, what: string, milliseconds: number): TsmachineError {
  return new TsmachineError(
    'deadline-exceeded',
    'ENGINE_TIMEOUT',
    `the engine at "${url}" did not ${what} within ${milliseconds / 1000}s`,
    { hints: ['run "tsmachine status" to see whether the machine runs'] },
  );
}

function certificateInvalid(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unauthenticated',
    'CERTIFICATE_INVALID',
    `the engine at "${url}" and this client do not accept each other's certificates: ${errorMessage(cause)}`,
    { hints: ['run "tsmachine provision" to make the certificates again'], cause },
  );
}

function connectionLost(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'ENGINE_CONNECTION_LOST',
    `lost the connection to the engine at "${url}": ${errorMessage(cause)}`,
    {
      hints: [
        'run "tsmachine status" to see whether the machine runs; its containers go on without this client',
      ],
      cause,
    },
  );
}

export function badAnswer(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'ENGINE_ANSWER_INVALID',
    `the engine at "${url}" answered with something that is not JSON`,
    { cause },
  );
}

export function notHijacked(url: string, status: number): TsmachineError {
  return new TsmachineError(
    'internal',
    'ENGINE_NOT_HIJACKED',
    `the engine at "${url}" answered ${status} where it should have upgraded the connection`,
  );
}

/** Node's socket and TLS errors by what they mean to the user. */
export function connectionError(url: string, error: unknown, connected: boolean): TsmachineError {
  if (isAboutCertificates(error)) return certificateInvalid(url, error);
  return connected ? connectionLost(url, error) : engineUnreachable(url, error);
}

/** OpenSSL's verification codes, Node's own, and the alerts by which a server refuses a client. */
function isAboutCertificates(error: unknown): boolean {
  const code = systemErrorCode(error) ?? '';
  return (
    /^CERT_|_CERT(_|$)|^ERR_TLS_CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_SSL_.*(ALERT|CERT)/.test(code) ||
    /alert (bad certificate|unknown ca|certificate required|handshake failure)/i.test(errorMessage(error))
  );
}
