import { sshfsArguments } from '../../../src/cli/sshfs.js';

const target = {
  endpoint: { host: '192.0.2.7', port: 2222, user: 'root', identityFiles: ['/store/id_ed25519'] },
  hostKey: 'ssh-ed25519 AAAA',
};
const request = { target, remotePath: '/srv', mountPoint: '/mnt', knownHostsFile: '/store/known_hosts' };

test("sshfs is told to check the pinned key, and to leave the user's configuration alone", () => {
  const argv = sshfsArguments(request);

  expect(argv.slice(0, 3)).toEqual(['sshfs', 'root@192.0.2.7:/srv', '/mnt']);
  expect(argv).toEqual(
    expect.arrayContaining([
      ...['port=2222', 'ssh_command=ssh -F none', 'StrictHostKeyChecking=yes'],
      ...['UserKnownHostsFile=/store/known_hosts', 'IdentitiesOnly=yes', 'IdentityFile=/store/id_ed25519'],
    ]),
  );
});

test('an address with colons is put in brackets, and another user is taken where one is named', () => {
  const endpoint = { ...target.endpoint, host: '2001:db8::7' };

  expect(sshfsArguments({ ...request, user: 'deploy', target: { ...target, endpoint } })[1]).toBe(
    'deploy@[2001:db8::7]:/srv',
  );
});
