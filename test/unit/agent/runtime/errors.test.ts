import { launchFailed } from '../../../../src/agent/runtime/errors.js';
import { lastWords, loggedError } from '../../../../src/agent/runtime/oci-command.js';

describe('launchFailed()', () => {
  test.each([
    ['x', 'executable file `x` not found in $PATH: No such file or directory', 'EXECUTABLE_NOT_FOUND'],
    ['/x', 'executable file `/x` not found: No such file or directory', 'EXECUTABLE_NOT_FOUND'],
    ['/x', 'open executable: Permission denied', 'EXECUTABLE_NOT_RUNNABLE'],
    ['/x', 'open executable: Operation not permitted', 'EXECUTABLE_NOT_RUNNABLE'],
    [
      'x',
      'unable to start container process: exec: "x": executable file not found in $PATH',
      'EXECUTABLE_NOT_FOUND',
    ],
    ['/x', 'unable to start container process: exec: "/x": is a directory', 'EXECUTABLE_NOT_RUNNABLE'],
    ['x', 'mount `/a` to `/b`: No such file or directory', 'RUNTIME_FAILED'],
    ['x', 'write to `/proc/self/oom_score_adj`: Permission denied', 'RUNTIME_FAILED'],
  ])('%s: %s is %s', (executable, words, code) => {
    const error = launchFailed({ action: 'create', runtime: 'crun', executable, words });
    expect(error.code).toBe(code);
  });

  test('uses Docker’s words', () => {
    const words = 'executable file `x` not found in $PATH: No such file or directory';
    const failure = { runtime: 'crun', executable: 'x', words };
    expect(launchFailed({ action: 'create', ...failure }).message).toBe(
      'failed to create task for container: failed to create shim task: OCI runtime create failed: ' +
        'crun create failed: unable to start container process: exec: "x": executable file not found in $PATH: unknown',
    );
    expect(launchFailed({ action: 'exec', ...failure }).message).toBe(
      'OCI runtime exec failed: exec failed: unable to start container process: ' +
        'exec: "x": executable file not found in $PATH: unknown',
    );
  });
});

test('lastWords() unwraps runc’s log lines', () => {
  expect(lastWords('time="2026" level=error msg="container \\"x\\" does not exist"\n')).toBe(
    'container "x" does not exist',
  );
  expect(lastWords('warning\nerror opening file\n')).toBe('error opening file');
});

test('loggedError() answers the last error of a JSON log', () => {
  const log = '{"msg":"one","level":"error"}\n{"msg":"two","level":"warning"}\n{"msg":"cut';
  expect(loggedError(log)).toBe('one');
  expect(loggedError('')).toBe('');
});
