import { TsmachineError } from '../../shared/errors.js';

/** moby, volume/service/errors.go: "no such volume" behind the operation and the name. */
export function volumeNotFound(name: string): TsmachineError {
  return new TsmachineError('not-found', 'VOLUME_NOT_FOUND', `get ${name}: no such volume`);
}

/** moby, volume/local/local.go: two characters at least, of those that cannot lead out of the store. */
export function volumeNameInvalid(name: string): TsmachineError {
  const reason =
    name.length === 1
      ? 'volume name is too short, names should be at least two alphanumeric characters'
      : `"${name}" includes invalid characters for a local volume name, only ` +
        '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path';
  return new TsmachineError('invalid-argument', 'VOLUME_NAME_INVALID', `create ${name}: ${reason}`);
}
