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

/** moby, volume/local/local_unix.go. */
export function volumeOptionInvalid(name: string, reason: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'VOLUME_OPTION_INVALID', `create ${name}: ${reason}`);
}

/** moby, volume/local/local_unix.go, as its callers wrap it. */
export function volumeMountFailed(path: string, reason: string, cause: unknown): TsmachineError {
  const message = `error while mounting volume '${path}': ${reason}`;
  return new TsmachineError('internal', 'VOLUME_MOUNT_FAILED', message, { cause });
}

/** moby, volume/drivers/extpoint.go. */
export function volumePluginNotFound(name: string, driver: string): TsmachineError {
  const message = `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`;
  return new TsmachineError('not-found', 'PLUGIN_NOT_FOUND', message);
}

/** moby, volume/service/errors.go: of another driver. */
export function volumeNameTaken(name: string): TsmachineError {
  return new TsmachineError('conflict', 'VOLUME_NAME_TAKEN', `create ${name}: volume name must be unique`);
}
