import { parsePort } from '../../../../src/compose/file/port-spec.js';
import { parseVolume } from '../../../../src/compose/file/volume-spec.js';

const tcp = { mode: 'ingress', protocol: 'tcp' };

test.each<[string, readonly object[]]>([
  ['80', [{ ...tcp, target: 80 }]],
  ['8080:80/UDP', [{ ...tcp, target: 80, published: '8080', protocol: 'udp' }]],
  ['127.0.0.1::80', [{ ...tcp, host_ip: '127.0.0.1', target: 80 }]],
  ['[::1]:53:53', [{ ...tcp, host_ip: '::1', target: 53, published: '53' }]],
  ['9000-9002:80', [{ ...tcp, target: 80, published: '9000-9002' }]],
  [
    '9000-9001:80-81',
    [
      { ...tcp, target: 80, published: '9000' },
      { ...tcp, target: 81, published: '9001' },
    ],
  ],
  [
    '9-10',
    [
      { ...tcp, target: 10 },
      { ...tcp, target: 9 },
    ],
  ],
])('port "%s"', (spec, ports) => {
  expect(parsePort(spec)).toEqual(ports);
});

test.each([
  ['', 'No port specified: <empty>'],
  ['80:', 'No port specified: 80:<empty>'],
  ['x:80', 'Invalid hostPort: x'],
  ['80:x', 'Invalid containerPort: x'],
  ['99999:80', 'Invalid hostPort: 99999'],
  ['82-80:80', 'Invalid hostPort: 82-80'],
  ['1-2:1-3', 'Invalid ranges specified for container and host Ports: 1-3 and 1-2'],
  ['80/icmp', 'Invalid proto: icmp'],
  ['1.2.3:80:80', 'Invalid ip address: 1.2.3'],
  ['::1:80:80', 'Invalid ip address: ::1'],
])('port "%s" is refused in docker\'s words', (spec, message) => {
  expect(() => parsePort(spec)).toThrow(message);
});

const bind = { create_host_path: true };

test.each<[string, object | undefined]>([
  ['/data', { type: 'volume', target: '/data', volume: {} }],
  ['/a', { type: 'volume', target: '/a' }],
  ['data:/data', { type: 'volume', source: 'data', target: '/data', volume: {} }],
  [
    'data:/data:ro,nocopy',
    { type: 'volume', source: 'data', target: '/data', read_only: true, volume: { nocopy: true } },
  ],
  ['./a:/a', { type: 'bind', source: './a', target: '/a', bind }],
  ['~/a:/a:ro', { type: 'bind', source: '~/a', target: '/a', read_only: true, bind }],
  [
    '/a:/b:rw,z,rslave',
    { type: 'bind', source: '/a', target: '/b', bind: { ...bind, selinux: 'z', propagation: 'rslave' } },
  ],
  ['C:\\a:/b', { type: 'bind', source: 'C:\\a', target: '/b', bind }],
  ['\\\\.\\pipe\\x:/b', { type: 'bind', source: '\\\\.\\pipe\\x', target: '/b', bind }],
  ['', undefined],
  ['vol::/b', undefined],
  ['vol:/b:ro:x', undefined],
])('volume "%s"', (spec, volume) => {
  expect(parseVolume(spec)).toEqual(volume);
});
