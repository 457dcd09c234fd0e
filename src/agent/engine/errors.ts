import { type ErrorKind, errorMessage, TsmachineError } from '../../shared/errors.js';

/** The engine's errors in Docker's exact words: clients match on them. */

const error = (kind: ErrorKind, code: string, message: string, cause?: unknown) =>
  new TsmachineError(kind, code, message, cause === undefined ? {} : { cause });

export const noSuchContainer = (name: string) =>
  error('not-found', 'CONTAINER_NOT_FOUND', `No such container: ${name}`);

export const ambiguousContainer = (prefix: string) =>
  error('invalid-argument', 'CONTAINER_AMBIGUOUS', `multiple IDs found with provided prefix: ${prefix}`);

export const invalidContainerName = (name: string) =>
  error(
    'invalid-argument',
    'CONTAINER_NAME_INVALID',
    `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
  );

export const nameInUse = (name: string, id: string) =>
  error(
    'already-exists',
    'CONTAINER_NAME_IN_USE',
    `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  );

export const sameName = () =>
  error(
    'invalid-argument',
    'CONTAINER_NAME_INVALID',
    'Renaming a container with the same name as its current name',
  );

export const emptyNewName = () =>
  error('invalid-argument', 'CONTAINER_NAME_INVALID', 'Neither old nor new names may be empty');

export const noCommand = () => error('invalid-argument', 'COMMAND_MISSING', 'no command specified');

export const emptyConfig = () =>
  error('invalid-argument', 'CONFIG_MISSING', 'config cannot be empty in order to create a container');

export const alreadyStarted = () =>
  error('not-modified', 'CONTAINER_RUNNING', 'container is already started');

export const alreadyStopped = () =>
  error('not-modified', 'CONTAINER_STOPPED', 'container is already stopped');

export const startPaused = () =>
  error('conflict', 'CONTAINER_PAUSED', 'cannot start a paused container, try unpause instead');

export const markedForRemoval = () =>
  error('conflict', 'CONTAINER_BEING_REMOVED', 'container is marked for removal and cannot be started');

export const markedForUpdate = (id: string) =>
  error(
    'conflict',
    'CONTAINER_BEING_REMOVED',
    updateText(id, 'container is marked for removal and cannot be "update"'),
  );

export const conflictingUpdate = (id: string, reason: string) =>
  error('conflict', 'UPDATE_CONFLICT', updateText(id, reason));

export const cannotUpdate = (id: string, reason: string) =>
  error('internal', 'UPDATE_FAILED', updateText(id, reason));

function updateText(id: string, reason: string): string {
  return `Cannot update container ${id}: ${reason}`;
}

export const notRunning = (id: string) =>
  error('conflict', 'CONTAINER_NOT_RUNNING', `container ${id} is not running`);

export const cannotKill = (name: string, id: string) =>
  error(
    'conflict',
    'CONTAINER_NOT_RUNNING',
    `cannot kill container: ${name}: container ${id} is not running`,
  );

export const alreadyPaused = (id: string) =>
  error('conflict', 'CONTAINER_PAUSED', `container ${id} is already paused`);

export const notPaused = (id: string) =>
  error('conflict', 'CONTAINER_NOT_PAUSED', `Container ${id} is not paused`);

export const restarting = (id: string) =>
  error(
    'conflict',
    'CONTAINER_RESTARTING',
    `container ${id} is restarting, wait until the container is running`,
  );

export const attachPaused = (id: string) =>
  error('conflict', 'CONTAINER_PAUSED', `container ${id} is paused, unpause the container before attach`);

export const attachRestarting = (id: string) =>
  error(
    'conflict',
    'CONTAINER_RESTARTING',
    `container ${id} is restarting, wait until the container is running`,
  );

export const execPaused = (name: string) =>
  error('conflict', 'CONTAINER_PAUSED', `Container ${name} is paused, unpause the container before exec`);

export const removeRunning = (name: string, state: string) =>
  error(
    'conflict',
    'CONTAINER_RUNNING',
    state === 'paused'
      ? `cannot remove container "/${name}": container is paused and must be unpaused first`
      : `cannot remove container "/${name}": container is ${state}: stop the container before removing or force remove`,
  );

export const removalInProgress = (name: string) =>
  error('conflict', 'CONTAINER_BEING_REMOVED', `removal of container ${name} is already in progress`);

export const invalidSignal = (signal: string) =>
  error('invalid-argument', 'SIGNAL_INVALID', `invalid signal: ${signal}`);

export const invalidCondition = (condition: string) =>
  error('invalid-argument', 'WAIT_CONDITION_INVALID', `invalid condition: "${condition}"`);

export const noStreams = () =>
  error('invalid-argument', 'LOG_STREAMS_MISSING', 'Bad parameters: you must choose at least one stream');

export const fileNotFound = (path: string, container: string) =>
  error('not-found', 'FILE_NOT_FOUND', `Could not find the file ${path} in container ${container}`);

export const pathUnusable = (path: string, reason: string, cause: unknown) =>
  error('invalid-argument', 'PATH_INVALID', `lstat ${path}: ${reason}`, cause);

export const writeRefused = (what: 'container rootfs' | 'mounted volume') =>
  error('permission-denied', 'READ_ONLY', `${what} is marked read-only`);

export const containerGoing = (action: 'commit' | 'export', id: string, status: string) =>
  error(
    'conflict',
    'CONTAINER_BEING_REMOVED',
    `You cannot ${action} container ${id} which is ${status === 'dead' ? 'Dead' : 'being removed'}`,
  );

export const noSuchExec = (id: string) =>
  error('not-found', 'EXEC_NOT_FOUND', `No such exec instance: ${id}`);

export const execAlreadyRunning = (id: string) =>
  error('conflict', 'EXEC_RUNNING', `Error: Exec command ${id} is already running`);

export const execHasRun = (id: string) =>
  error('conflict', 'EXEC_ENDED', `Error: Exec command ${id} has already run`);

export const execWithoutCommand = () =>
  error('invalid-argument', 'COMMAND_MISSING', 'No exec command specified');

export const invalidFilter = (name: string, values?: Iterable<string>) =>
  error(
    'invalid-argument',
    'FILTER_INVALID',
    values ? `invalid filter '${name}=[${[...values].join(' ')}]'` : `invalid filter '${name}'`,
  );

/** Of a prune. */
export const severalUntil = () =>
  error('invalid-argument', 'FILTER_INVALID', 'more than one until filter specified');

export const noSuchNetwork = (name: string) =>
  error('not-found', 'NETWORK_NOT_FOUND', `network ${name} not found`);

export const ambiguousNetwork = (prefix: string, count: number) =>
  error(
    'invalid-argument',
    'NETWORK_AMBIGUOUS',
    `network ${prefix} is ambiguous (${count} matches found based on ID prefix)`,
  );

export const predefinedCreation = (
  name: string,
  words = `operation is not permitted on predefined ${name} network`,
) => error('permission-denied', 'NETWORK_PREDEFINED', words);

/** moby, pkg/plugins: a driver that is neither built in nor a plugin. */
export const alreadyConnected = (container: string, network: string) =>
  error(
    'permission-denied',
    'ENDPOINT_EXISTS',
    `endpoint with name ${container} already exists in network ${network}`,
  );

export const notConnected = (id: string, network: string) =>
  error('conflict', 'NETWORK_NOT_CONNECTED', `container ${id} is not connected to the network ${network}`);

export const predefinedNetwork = (name: string) =>
  error('permission-denied', 'NETWORK_PREDEFINED', `${name} is a pre-defined network and cannot be removed`);

export const volumeInUse = (name: string, containers: readonly string[]) =>
  error('conflict', 'VOLUME_IN_USE', `remove ${name}: volume is in use - [${containers.join(', ')}]`);

/** moby, daemon/logs.go and container/container.go. */
export const loggingNotStarted = (cause: unknown) =>
  error(
    'internal',
    'LOGGING_NOT_STARTED',
    `failed to create task for container: failed to initialize logging driver: ${errorMessage(cause)}`,
    cause,
  );

export const psFailed = (words: string) => error('internal', 'PS_FAILED', words);

export const invalidOption = (message: string) => error('invalid-argument', 'OPTION_INVALID', message);

export const eventTimesCrossed = (since = '', until = '') =>
  error(
    'invalid-argument',
    'EVENT_TIMES_INVALID',
    `\`since\` time (${since}) cannot be after \`until\` time (${until})`,
  );

/** A known option of Docker's that this engine lacks: refused by its name, never left out in silence. */
export const unsupportedOption = (option: string) =>
  error('not-implemented', 'OPTION_UNSUPPORTED', `${option} is not supported by this engine`);
