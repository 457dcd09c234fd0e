import {
  changedHosts,
  extraHostsLine,
  hostsFile,
  ownHostsLine,
} from '../../../../src/agent/engine/containers/hosts-file.js';

test('a container is known by its full name and the first part of it', () => {
  expect(ownHostsLine('10.0.0.2', 'web', undefined)).toBe('10.0.0.2\tweb');
  expect(ownHostsLine('10.0.0.2', 'web', 'example.org')).toBe('10.0.0.2\tweb.example.org web');
  expect(ownHostsLine('10.0.0.2', 'web.example.org', '')).toBe('10.0.0.2\tweb.example.org web');
});

test('--add-host takes ":" and "=", IPv6 with and without brackets, and host-gateway', () => {
  expect(extraHostsLine('a:10.0.0.1', '172.17.0.1')).toBe('10.0.0.1\ta');
  expect(extraHostsLine('a=fd00::1', '172.17.0.1')).toBe('fd00::1\ta');
  expect(extraHostsLine('a:[fd00::1]', '172.17.0.1')).toBe('fd00::1\ta');
  expect(extraHostsLine('host.docker.internal:host-gateway', '172.17.0.1')).toBe(
    '172.17.0.1\thost.docker.internal',
  );
});

test('what the container itself has written stays when its addresses change', () => {
  const before = `${hostsFile(['10.0.0.2\tweb'])}1.2.3.4\tmine\n`;
  const after = changedHosts(before, { add: ['10.1.0.2\tweb'], remove: ['10.0.0.2\tweb'] });
  expect(after).toBe(`${hostsFile([])}1.2.3.4\tmine\n10.1.0.2\tweb\n`);
  expect(changedHosts(after, { add: ['10.1.0.2\tweb'], remove: [] })).toBe(after);
});
