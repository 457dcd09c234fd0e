import { systemErrorCode, TsmachineError } from '../../shared/errors.js';

export function runtimeFailed(action: string, words: string, cause?: unknown): TsmachineError {
  return new TsmachineError('internal', 'RUNTIME_FAILED', `OCI runtime ${action} failed: ${words}: unknown`, {
    cause,
  });
}

export function containerNotMonitored(id: string): TsmachineError {
  return new TsmachineError('conflict', 'RUNTIME_FAILED', `container ${id} has no running monitor`);
}

/** The monitor's socket and fifo are not there, or nobody listens. */
export function meansNoMonitor(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENXIO'].includes(systemErrorCode(error) ?? '');
}

/** What the runtime was doing, and for which command, when it failed. */
export interface FailedLaunch {
  /** "create", "exec": Docker's messages name it. */
  readonly action: 'create' | 'exec';
  /** "crun", "runc". */
  readonly runtime: string;
  readonly executable: string;
  /** The runtime's last words. */
  readonly words: string;
}

/**
 * Docker's words for a container or exec that could not be started. Clients derive their exit status from them:
 * the docker CLI looks for "executable file not found" and "no such file or directory" (127), "permission denied"
 * and "is a directory" (126).
 */
export function launchFailed(failure: FailedLaunch): TsmachineError {
  const file = /chdir [`"]?([^`":]*)[`"]?: not a directory/i.exec(failure.words)?.[1];
  if (file !== undefined && failure.action === 'create') return workingDirectoryIsFile(file);
  const problem = executableProblem(failure);
  const outer =
    failure.action === 'create'
      ? 'failed to create task for container: failed to create shim task: OCI runtime create failed: ' +
        `${failure.runtime} create failed: `
      : 'OCI runtime exec failed: exec failed: ';
  if (!problem) return new TsmachineError('internal', 'RUNTIME_FAILED', `${outer}${failure.words}: unknown`);
  const executable = JSON.stringify(failure.executable);
  const inner = `unable to start container process: exec: ${executable}: ${problem.text}: unknown`;
  return new TsmachineError('invalid-argument', problem.code, outer + inner);
}

/** moby, container.SetupWorkingDirectory. */
export function workingDirectoryIsFile(path: string, cause?: unknown): TsmachineError {
  const message = `Cannot mkdir: ${path} is not a directory`;
  return new TsmachineError('internal', 'RUNTIME_FAILED', message, { cause });
}

interface ExecutableProblem {
  readonly code: 'EXECUTABLE_NOT_FOUND' | 'EXECUTABLE_NOT_RUNNABLE';
  readonly text: string;
}

/**
 * The text is the only signal. crun: "executable file `x` not found in $PATH: No such file or directory", "open
 * executable: Permission denied" ("Operation not permitted" for a directory), since 1.9 with the path in
 * backquotes. runc: `exec: "x": executable file not found in $PATH`, `exec: "/x": permission denied`.
 */
function executableProblem({ executable, words }: FailedLaunch): ExecutableProblem | undefined {
  if (!/\bexec(?:utable)?\b|^open `/i.test(words)) return undefined;
  if (/is a directory/i.test(words)) return { code: 'EXECUTABLE_NOT_RUNNABLE', text: 'is a directory' };
  if (/permission denied|operation not permitted/i.test(words)) {
    return { code: 'EXECUTABLE_NOT_RUNNABLE', text: 'permission denied' };
  }
  if (!/not found in \$PATH|no such file or directory/i.test(words)) return undefined;
  const text = executable.includes('/')
    ? `stat ${executable}: no such file or directory`
    : 'executable file not found in $PATH';
  return { code: 'EXECUTABLE_NOT_FOUND', text };
}

/** The words of moby's sys/user package, as its API answers them. */
export function userNotFound(name: string): TsmachineError {
  const message = `unable to find user ${name}: no matching entries in passwd file`;
  return new TsmachineError('invalid-argument', 'USER_NOT_FOUND', message);
}

export function groupNotFound(name: string): TsmachineError {
  const message = `unable to find group ${name}: no matching entries in group file`;
  return new TsmachineError('invalid-argument', 'GROUP_NOT_FOUND', message);
}

export function idOutOfRange(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'ID_OUT_OF_RANGE',
    'uids and gids must be in range 0-2147483647',
  );
}
