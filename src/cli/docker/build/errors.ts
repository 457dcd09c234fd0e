import { TsmachineError } from '../../../shared/errors.js';

/** `what` is a flag, or a key of a Compose file. */
export function buildKitMissing(what: string, isOff: boolean): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'BUILDKIT_NEEDED',
    isOff
      ? `${what} needs BuildKit, and DOCKER_BUILDKIT turns it off`
      : `${what} needs BuildKit, which this engine does not have`,
    { hints: [isOff ? 'unset DOCKER_BUILDKIT' : `leave ${what} out, or build on another machine`] },
  );
}

export function buildersConflict(modern: string, old: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'BUILDERS_CONFLICT',
    `--${modern} is BuildKit's and --${old} the classic builder's: no builder has both`,
    { hints: ['leave one of them out'] },
  );
}

export function noSuchBuilder(name: string): TsmachineError {
  return new TsmachineError('not-found', 'BUILDER_UNKNOWN', `no builder ${JSON.stringify(name)} found`, {
    hints: ['machines build themselves: name one with --machine'],
  });
}
