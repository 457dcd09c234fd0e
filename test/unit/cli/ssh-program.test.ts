import { runSshProgram, sshArguments } from '../../../src/cli/ssh-program.js';

const target = {
  endpoint: { host: '2001:db8::7', port: 2222, user: 'root', identityFiles: ['/store/id_ed25519'] },
  hostKey: 'ssh-ed25519 AAAA',
};
const request = { target, knownHostsFile: '/store/known_hosts', words: ['-D', '1080', 'ls', '-l'] };

test("ssh is told to check the pinned key, leaves the user's configuration alone, and gets the words as they are", () => {
  expect(sshArguments({ ...request, user: 'deploy' })).toEqual([
    ...['ssh', '-F', 'none', '-p', '2222', '-l', 'deploy', '-o', 'StrictHostKeyChecking=yes'],
    ...['-o', 'UserKnownHostsFile=/store/known_hosts', '-o', 'IdentitiesOnly=yes'],
    ...['-o', 'IdentityFile=/store/id_ed25519', '-o', 'ConnectTimeout=20'],
    ...['2001:db8::7', '-D', '1080', 'ls', '-l'],
  ]);
});

test('a host behind jump hosts is refused', async () => {
  const endpoint = { ...target.endpoint, jumpHosts: [target.endpoint] };

  await expect(runSshProgram({ ...request, target: { ...target, endpoint } }, {})).rejects.toMatchObject({
    code: 'SSH_THROUGH_JUMP_HOST',
  });
});
