import { TsmachineError } from '../../shared/errors.js';

/** A plugin's own words, or why it did not answer. */
export function pluginFailed(reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError('internal', 'PLUGIN_FAILED', reason, cause === undefined ? {} : { cause });
}

/** moby, pkg/plugins: nobody announces it, or it is of another kind. */
export function pluginNotFound(name: string): TsmachineError {
  return new TsmachineError('not-found', 'PLUGIN_NOT_FOUND', `plugin ${JSON.stringify(name)} not found`);
}

/** A method that this plugin has not: some are optional. */
export function pluginMethodUnknown(method: string): TsmachineError {
  return new TsmachineError(
    'internal',
    'PLUGIN_METHOD_UNKNOWN',
    `${method}: the plugin does not know this method`,
  );
}
