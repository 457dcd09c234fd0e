import { Errors } from '@oclif/core';
import { errorJson, renderError } from '../../../src/cli/error-output.js';
import { exitCodeOf } from '../../../src/cli/exit-code.js';
import { preCreateCheckFailed } from '../../../src/machine/create/errors.js';
import { machineNotFound } from '../../../src/machine/store/errors.js';
import { TsmachineError } from '../../../src/shared/errors.js';

test.each([
  ['a missing machine', machineNotFound('x'), 1],
  ['a wrong argument', new TsmachineError('invalid-argument', 'X', 'x'), 2],
  ['a failed pre-create check', preCreateCheckFailed(new TsmachineError('invalid-argument', 'X', 'x')), 3],
  ['Ctrl-C', new TsmachineError('canceled', 'X', 'x'), 130],
  ['what is so already', new TsmachineError('not-modified', 'X', 'x'), 0],
  ['an error of oclif', new Errors.CLIError('x', { exit: 2 }), 2],
  ['a bug', new TypeError('x'), 1],
  ['no error at all', 'x', 1],
])('exitCodeOf() of %s', (_, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

test('renderError() prints the message and its hints, and causes only for --debug', () => {
  const error = new TsmachineError('internal', 'OUTER', 'outer', {
    hints: ['do this'],
    cause: new Error('inner'),
  });

  expect(renderError(error, { debug: false })).toBe('outer\n  › do this\n');
  expect(renderError(error, { debug: true })).toMatch(
    /^outer\n {2}› do this\n\[OUTER, internal\] [\s\S]*Error: inner/,
  );
});

test('errorJson() has code, kind, message and hints, for errors of oclif too', () => {
  expect(errorJson(machineNotFound('x'))).toMatchObject({
    error: { code: 'MACHINE_NOT_FOUND', kind: 'not-found' },
  });
  expect(errorJson(new Errors.CLIError('x', { exit: 2 }))).toEqual({
    error: { code: 'USAGE', kind: 'invalid-argument', message: 'x', hints: [] },
  });
});
