import { commandNotFound } from '../../../src/cli/command-not-found.js';

const known = ['ls', 'create', 'status'];

test('commandNotFound() proposes the command that was probably meant', () => {
  expect(commandNotFound('craete', [], known)).toMatchObject({
    message: 'there is no command "craete"',
    hints: ['did you mean "tsmachine create"?'],
  });
  expect(commandNotFound('frobnicate', [], known).hints[0]).toContain('--help');
});

test('commandNotFound() knows a command with an argument too many, in the words of docker-machine', () => {
  expect(commandNotFound('ls:foo', ['-x'], known)).toMatchObject({
    kind: 'invalid-argument',
    message: 'Invalid command line. Found extra arguments [foo -x]',
  });
});
