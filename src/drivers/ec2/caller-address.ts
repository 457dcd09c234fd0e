import { isIP } from 'node:net';
import { types } from 'node:util';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { callerAddressUnknown } from './errors.js';

const deadlineMs = 5_000;

/** The address that others see of this machine, as a network of one. Throws EC2_CALLER_ADDRESS_UNKNOWN. */
export async function callerNetwork(url: string, signal: AbortSignal): Promise<string> {
  const text = await ask(url, signal);
  const family = isIP(text);
  if (family === 0) throw callerAddressUnknown(url, `answers ${JSON.stringify(text.slice(0, 60))}`);
  return `${text}/${family === 6 ? 128 : 32}`;
}

async function ask(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]) });
    const text = await response.text();
    if (response.ok) return text.trim();
    throw callerAddressUnknown(url, `answers with status ${response.status}`);
  } catch (error) {
    signal.throwIfAborted();
    if (isTsmachineError(error)) throw error;
    // What went wrong is said by the cause of fetch's own error.
    const cause = types.isNativeError(error) && error.cause !== undefined ? error.cause : error;
    throw callerAddressUnknown(url, `does not answer: ${errorMessage(cause)}`, error);
  }
}
