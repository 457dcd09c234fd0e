import { parsePort, portBindings, portMap } from '../../../../../src/agent/engine/containers/ports.js';

test('parsePort() takes TCP where nothing else is said', () => {
  expect(parsePort('80')).toEqual({ port: 80, protocol: 'tcp' });
  expect(parsePort('53/udp')).toEqual({ port: 53, protocol: 'udp' });
});

test.each(['0', '70000', 'http', '80/icmp', '80-90'])('parsePort() refuses %s', (port) => {
  expect(() => parsePort(port)).toThrow(`invalid port specification: "${port}"`);
});

test('portBindings() reads fixed ports, free ones and ranges', () => {
  const bindings = portBindings(
    {},
    {
      PortBindings: {
        '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
        '81/tcp': [{ HostPort: '' }],
        '82/udp': [{ HostPort: '9000-9010' }],
      },
    },
  );

  expect(bindings).toEqual([
    { protocol: 'tcp', containerPort: 80, hostAddress: '127.0.0.1', hostPort: 8080 },
    { protocol: 'tcp', containerPort: 81, hostAddress: '', hostPort: 0 },
    { protocol: 'udp', containerPort: 82, hostAddress: '', hostPort: 9000, lastHostPort: 9010 },
  ]);
});

test('portBindings() publishes every exposed port on a free one with PublishAllPorts', () => {
  const config = { ExposedPorts: { '80/tcp': {}, '81/tcp': {} } };

  expect(portBindings(config, {})).toEqual([]);
  expect(
    portBindings(config, { PublishAllPorts: true, PortBindings: { '80/tcp': [{ HostPort: '8080' }] } }).map(
      ({ containerPort, hostPort }) => [containerPort, hostPort],
    ),
  ).toEqual([
    [80, 8080],
    [81, 0],
  ]);
});

test('portMap() shows exposed ports with null and published ones with their places', () => {
  const published = [{ protocol: 'tcp' as const, containerPort: 80, hostAddress: '', hostPort: 8080 }];

  expect(portMap({ ExposedPorts: { '80/tcp': {}, '90': {} } }, published)).toEqual({
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }],
    '90/tcp': null,
  });
});
