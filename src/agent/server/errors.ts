import { TsmachineError } from '../../shared/errors.js';

export const pageNotFound = () => new TsmachineError('not-found', 'PAGE_NOT_FOUND', 'page not found');

export const invalidParameter = (message: string) =>
  new TsmachineError('invalid-argument', 'PARAMETER_INVALID', message);

export const invalidJson = (message: string) =>
  new TsmachineError('invalid-argument', 'JSON_INVALID', `invalid JSON: ${message}`);

export const contentAfterJson = () =>
  new TsmachineError('invalid-argument', 'JSON_INVALID', 'unexpected content after JSON');

export const bodyTooLarge = (limit: number) =>
  new TsmachineError('invalid-argument', 'BODY_TOO_LARGE', `request body is larger than ${limit} bytes`);

/** Of a request with a body; the words are Go's. */
export const contentTypeMissing = () =>
  new TsmachineError(
    'invalid-argument',
    'CONTENT_TYPE_UNSUPPORTED',
    'malformed Content-Type header (): mime: no media type',
  );

export const contentTypeUnsupported = (type: string) =>
  new TsmachineError(
    'invalid-argument',
    'CONTENT_TYPE_UNSUPPORTED',
    `unsupported Content-Type header (${type}): must be 'application/json'`,
  );

export const clientTooOld = (version: string, minimum: string) =>
  new TsmachineError(
    'invalid-argument',
    'API_VERSION_TOO_OLD',
    `client version ${version} is too old. Minimum supported API version is ${minimum}, please upgrade your client to a newer version`,
  );

export const clientTooNew = (version: string, maximum: string) =>
  new TsmachineError(
    'invalid-argument',
    'API_VERSION_TOO_NEW',
    `client version ${version} is too new. Maximum supported API version is ${maximum}`,
  );

/** An end point or option of Docker's that this agent does not have. */
export const notSupported = (what: string) =>
  new TsmachineError('not-implemented', 'NOT_SUPPORTED', `${what} is not supported by this engine`);

export const notSwarmManager = () =>
  new TsmachineError(
    'unavailable',
    'SWARM_INACTIVE',
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  );

export const notSwarmMember = () =>
  new TsmachineError('unavailable', 'SWARM_INACTIVE', 'This node is not part of a swarm');
