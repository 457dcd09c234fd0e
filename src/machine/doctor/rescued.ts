import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { failure, type Verdict } from './finding.js';

/** What a look throws is what it found. */
export async function rescued(look: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await look();
  } catch (error) {
    return failure(errorMessage(error), isTsmachineError(error) ? error.hints[0] : undefined);
  }
}
