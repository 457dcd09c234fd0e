import { DecodeError, type Decoder } from '../../../api/decode.js';
import { errorMessage } from '../../../shared/errors.js';
import { invalidParameter, notSupported } from '../errors.js';
import type { Query } from '../query.js';

/** What no build of this engine does, whichever builder the client speaks to. Throws NOT_SUPPORTED, PARAMETER_INVALID. */
export function refuseUnsupported(query: Query): void {
  if (query.flag('squash')) throw notSupported('squashing the layers of an image ("squash")');
  if (query.list('securityopt').length > 0) {
    throw invalidParameter('The daemon on this platform does not support setting security options on build');
  }
  const isolation = query.text('isolation');
  if (isolation !== undefined && isolation !== 'default') {
    throw invalidParameter(`Unsupported isolation: ${JSON.stringify(isolation)}`);
  }
}

/** A parameter that is JSON. Throws PARAMETER_INVALID. */
export function decoded<T>(query: Query, name: string, decode: Decoder<T>): T | undefined {
  const value = query.text(name);
  if (value === undefined) return undefined;
  try {
    return decode(JSON.parse(value), name);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof DecodeError)) throw error;
    throw invalidParameter(`error reading ${name}: ${errorMessage(error)}`);
  }
}
