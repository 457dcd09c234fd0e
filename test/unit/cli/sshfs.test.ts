import { sshfsArguments } from '../../../src/cli/sshfs.js';

const files = { config: '/store/ssh_config', host: 'web' };
const request = { remotePath: '/srv', mountPoint: '/mnt' };

test("sshfs leaves to ssh's configuration how the host is reached", () => {
  expect(sshfsArguments(request, files).slice(0, 5)).toEqual([
    ...['sshfs', 'web:/srv', '/mnt', '-F', '/store/ssh_config'],
  ]);
});

test('another user is taken where one is named', () => {
  expect(sshfsArguments({ ...request, user: 'deploy' }, files)[1]).toBe('deploy@web:/srv');
});
