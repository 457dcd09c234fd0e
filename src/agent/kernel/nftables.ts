import { askNetfilter } from './netlink.js';
import { errorsIn, type Message, transaction } from './nftables-message.js';
import { systemError } from './system-error.js';

/**
 * Changes the nftables of the present network namespace in one transaction. The kernel has done it, or refused, when
 * the call returns. Throws the first error of the kernel (ENOENT, EOPNOTSUPP, …); then nothing is changed.
 */
export function sendNftables(messages: readonly Message[]): void {
  const answers = askNetfilter(transaction(messages));
  const error = answers.flatMap(errorsIn).find((number) => number !== 0);
  if (error !== undefined) throw systemError('nftables', error);
}
