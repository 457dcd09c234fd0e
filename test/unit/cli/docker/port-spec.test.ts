import fc from 'fast-check';
import {
  parseExposedPort,
  parsePortSpec,
  parsePublishedPorts,
} from '../../../../src/cli/docker/port-spec.js';

const one = (port: string, HostIp: string, HostPort: string) => ({ port, binding: { HostIp, HostPort } });

describe('parsePortSpec()', () => {
  it.each([
    ['80', [one('80/tcp', '', '')]],
    ['8080:80', [one('80/tcp', '', '8080')]],
    ['8080:80/UDP', [one('80/udp', '', '8080')]],
    ['127.0.0.1:8080:80', [one('80/tcp', '127.0.0.1', '8080')]],
    ['127.0.0.1::80/udp', [one('80/udp', '127.0.0.1', '')]],
    ['[::1]:8080:80', [one('80/tcp', '::1', '8080')]],
    ['::1:8080:80', [one('80/tcp', '::1', '8080')]],
    ['8000-9000:80', [one('80/tcp', '', '8000-9000')]],
    ['8000-8001:80-81', [one('80/tcp', '', '8000'), one('81/tcp', '', '8001')]],
    ['80-81/sctp', [one('80/sctp', '', ''), one('81/sctp', '', '')]],
    ['0:80', [one('80/tcp', '', '0')]],
  ])('reads "%s"', (spec, mappings) => {
    expect(parsePortSpec(spec)).toEqual(mappings);
  });

  it.each([
    '',
    ':',
    '8080:',
    '80/foo',
    'a:80',
    '8080:b',
    '65536',
    '9-8',
    '8000-8001:80-82',
    'localhost:80:80',
    '1.2.3:80:80',
    '[::1:80:80',
    '-1:80',
  ])('refuses "%s"', (spec) => {
    expect(() => parsePortSpec(spec)).toThrow(expect.objectContaining({ code: 'FLAG_INVALID' }));
  });

  it('gives each container port its own host port for any pair of equal ranges', () => {
    const port = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(port, port, fc.integer({ min: 0, max: 50 }), (host, container, length) => {
        const mappings = parsePortSpec(`${host}-${host + length}:${container}-${container + length}`);

        const expected = Array.from({ length: length + 1 }, (_, index) => [container + index, host + index]);
        const isAnyOf = length === 0;
        expect(
          isAnyOf ? [] : mappings.map(({ port, binding }) => [parseInt(port, 10), Number(binding.HostPort)]),
        ).toEqual(isAnyOf ? [] : expected);
        expect(mappings).toHaveLength(length + 1);
      }),
    );
  });
});

describe('parseExposedPort()', () => {
  it('reads a range with a protocol', () => {
    expect(parseExposedPort('53-54/udp')).toEqual(['53/udp', '54/udp']);
  });

  it('refuses words', () => {
    expect(() => parseExposedPort('http')).toThrow('invalid value "http" for --expose: "http" is no port');
  });
});

describe('parsePublishedPorts()', () => {
  it('joins bindings of one port and exposes all', () => {
    expect(parsePublishedPorts(['8080:80', '8081:80'], ['53/udp'])).toEqual({
      exposed: { '80/tcp': {}, '53/udp': {} },
      bindings: {
        '80/tcp': [
          { HostIp: '', HostPort: '8080' },
          { HostIp: '', HostPort: '8081' },
        ],
      },
    });
  });
});
