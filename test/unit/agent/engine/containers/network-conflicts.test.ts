import { refuseNetworkConflicts } from '../../../../../src/agent/engine/containers/network-conflicts.js';

const joined = { NetworkMode: 'container:db' };

test.each([
  [{ HostConfig: { NetworkMode: 'container:' } }, 'invalid container format container:<name|id>'],
  [{ HostConfig: joined, Hostname: 'web' }, 'hostname and the network mode'],
  [{ HostConfig: { ...joined, Dns: ['1.1.1.1'] } }, 'dns and the network mode'],
  [
    { HostConfig: { ...joined, ExtraHosts: ['a:1.2.3.4'] } },
    'custom host-to-IP mapping and the network mode',
  ],
  [
    { HostConfig: { ...joined, PublishAllPorts: true } },
    'port publishing and the container type network mode',
  ],
  [
    { HostConfig: joined, ExposedPorts: { '80/tcp': {} } },
    'port exposing and the container type network mode',
  ],
  [{ HostConfig: joined, MacAddress: '02:00:00:00:00:01' }, 'mac-address and the network mode'],
  [{ HostConfig: { ...joined, Links: ['a:b'] } }, "container type network can't be used with links"],
  [{ HostConfig: { NetworkMode: 'host', Links: ['a:b'] } }, "host type networking can't be used with links"],
  [{ HostConfig: { UTSMode: 'host' }, Hostname: 'web' }, 'hostname and the UTS mode'],
])('%j: conflicting %s', (request, words) => {
  expect(() => refuseNetworkConflicts(request)).toThrow(words);
});

test('a container that joins another and asks for nothing of its own is accepted', () => {
  expect(() => refuseNetworkConflicts({ HostConfig: joined, Image: 'busybox' })).not.toThrow();
});
