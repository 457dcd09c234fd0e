import { errorMessage, isTsmachineError, TsmachineError } from '../shared/errors.js';

/** Of several failures one error with a line for each, and every hint once; its kind and code are the first one's. */
export function joinedErrors(failures: readonly unknown[], leading: unknown = failures[0]): unknown {
  if (failures.length === 1) return failures[0];
  const message = [...new Set(failures.map(errorMessage))].join('\n');
  if (!isTsmachineError(leading)) return new Error(message, { cause: leading });
  const hints = failures.flatMap((failure) => (isTsmachineError(failure) ? failure.hints : []));
  return new TsmachineError(leading.kind, leading.code, message, {
    hints: [...new Set(hints)],
    cause: leading,
  });
}
