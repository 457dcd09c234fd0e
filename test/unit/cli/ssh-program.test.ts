import { sshArguments } from '../../../src/cli/ssh-program.js';

const files = { config: '/store/ssh_config', host: 'web' };

test('ssh gets its configuration and the words as they are', () => {
  expect(sshArguments({ words: ['-D', '1080', 'ls', '-l'] }, files)).toEqual(
    'ssh -F /store/ssh_config web -D 1080 ls -l'.split(' '),
  );
});

test('ssh is told of another user', () => {
  expect(sshArguments({ user: 'deploy', words: [] }, files)).toEqual(
    'ssh -F /store/ssh_config -l deploy web'.split(' '),
  );
});
