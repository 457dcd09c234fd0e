import { TsmachineError } from '../shared/errors.js';

export function confirmationNeeded(names: readonly string[]): TsmachineError {
  const quoted = names.map((name) => `"${name}"`).join(', ');
  return new TsmachineError(
    'conflict',
    'CONFIRMATION_NEEDED',
    `will not remove ${quoted} without being asked to`,
    {
      hints: ['there is no terminal to ask on: add --yes'],
    },
  );
}

export function namePatternInvalid(pattern: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'NAME_PATTERN_INVALID',
    `"${pattern}" ${why}, and --count was given`,
    {
      hints: ['name the machines with one pattern, such as web-{n}'],
    },
  );
}
