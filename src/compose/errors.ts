import { errorMessage, systemErrorCode, TsmachineError } from '../shared/errors.js';

export interface FilePosition {
  readonly line: number;
  readonly col: number;
}

/** What a Compose file says is wrong. `place`: `FILE:LINE:COLUMN`, or the file alone. */
export function composeInvalid(
  place: string,
  message: string,
  hints: readonly string[] = [],
): TsmachineError {
  return new TsmachineError('invalid-argument', 'COMPOSE_FILE_INVALID', `${place}: ${message}`, { hints });
}

export function yamlInvalid(file: string, { line, col }: FilePosition, message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'COMPOSE_YAML_INVALID', `${file}:${line}:${col}: ${message}`);
}

export function composeFileNotFound(directory: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'COMPOSE_FILE_NOT_FOUND',
    'no configuration file provided: not found',
    {
      hints: [
        `there is no compose.yaml in "${directory}" or a directory above it: name one with -f, or go where it is`,
      ],
    },
  );
}

export function fileUnreadable(file: string, what: string, cause: unknown): TsmachineError {
  const absent = systemErrorCode(cause) === 'ENOENT';
  return new TsmachineError(
    absent ? 'not-found' : 'invalid-argument',
    'COMPOSE_FILE_UNREADABLE',
    absent ? `${what} "${file}" does not exist` : `${what} "${file}" cannot be read: ${errorMessage(cause)}`,
    { cause },
  );
}

export function envFileInvalid(file: string, line: number, message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'ENV_FILE_INVALID', `${file}:${line}: ${message}`);
}

/** In Compose's words. */
export function projectNameInvalid(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'PROJECT_NAME_INVALID',
    `invalid project name "${name}": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
  );
}

export function projectNameEmpty(): TsmachineError {
  return new TsmachineError('invalid-argument', 'PROJECT_NAME_EMPTY', 'project name must not be empty', {
    hints: ['name the project with -p, COMPOSE_PROJECT_NAME, or "name:" in the Compose file'],
  });
}

export function noSuchService(name: string, services: readonly string[]): TsmachineError {
  return new TsmachineError('not-found', 'NO_SUCH_SERVICE', `no such service: ${name}`, {
    hints: services.length === 0 ? [] : [`the services are ${services.join(', ')}`],
  });
}
