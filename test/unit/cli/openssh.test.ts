import { knownHostsText, opensshConfig } from '../../../src/cli/openssh.js';

const endpoint = {
  host: '2001:db8::7',
  port: 2222,
  user: 'root',
  identityFiles: ['/my store/100%/id_ed25519'],
};
const target = { name: 'web', endpoint, hostKey: 'ssh-ed25519 AAAA', hops: [] };
const hop = (host: string) => ({
  endpoint: { host, port: 22, user: 'jumper', identityFiles: [] },
  hostKey: `ssh-ed25519 ${host}`,
});

test("ssh is told to check the pinned key, and to leave the user's known hosts alone", () => {
  expect(opensshConfig(target, '/store/known_hosts')).toBe(`Host web
  HostName 2001:db8::7
  HostKeyAlias web
  Port 2222
  User root
  IdentitiesOnly yes
  IdentityFile "/my store/100%%/id_ed25519"
  ProxyJump none
Host *
  StrictHostKeyChecking yes
  UserKnownHostsFile "/store/known_hosts"
  GlobalKnownHostsFile none
  ConnectTimeout 20
`);
  expect(knownHostsText(target)).toBe('web ssh-ed25519 AAAA\n');
});

test('each jump host is reached through the one before it, and has a key of its own', () => {
  const far = { ...target, hops: [hop('first'), hop('second')] };

  const jumps = opensshConfig(far, '/store/known_hosts').match(/^Host .*|HostName .*|ProxyJump .*/gm);

  expect(jumps).toEqual([
    ...['Host web-hop-1', 'HostName first', 'ProxyJump none'],
    ...['Host web-hop-2', 'HostName second', 'ProxyJump web-hop-1'],
    ...['Host web', 'HostName 2001:db8::7', 'ProxyJump web-hop-2', 'Host *'],
  ]);
  expect(knownHostsText(far)).toBe(
    'web-hop-1 ssh-ed25519 first\nweb-hop-2 ssh-ed25519 second\nweb ssh-ed25519 AAAA\n',
  );
});
