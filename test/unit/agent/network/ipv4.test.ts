import fc from 'fast-check';
import {
  formatIpv4,
  formatSubnet,
  macAddressOf,
  parseIpv4,
  parseSubnet,
  subnetsOverlap,
} from '../../../../src/agent/network/ipv4.js';

test('formatIpv4() and parseIpv4() are inverse', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (address) => {
      expect(parseIpv4(formatIpv4(address))).toBe(address);
    }),
  );
});

test.each(['1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.-4', '1.2.3.', 'a.b.c.d', ''])(
  'parseIpv4() refuses "%s"',
  (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  },
);

test('parseSubnet() clears the host part', () => {
  expect(formatSubnet(parseSubnet('192.168.37.5/20'))).toBe('192.168.32.0/20');
  expect(formatSubnet(parseSubnet('240.0.0.1/4'))).toBe('240.0.0.0/4');
});

test.each(['172.17.0.0', '172.17.0.0/33', '172.17.0.0/', '300.0.0.0/8', '/16'])(
  'parseSubnet() refuses "%s"',
  (text) => {
    expect(() => parseSubnet(text)).toThrow(`invalid CIDR address: ${text}`);
  },
);

test('subnetsOverlap() is true when one is in the other, and false for neighbours', () => {
  const overlap = (one: string, other: string) => subnetsOverlap(parseSubnet(one), parseSubnet(other));

  expect(overlap('172.17.0.0/16', '172.17.3.0/24')).toBe(true);
  expect(overlap('172.17.3.0/24', '172.17.0.0/16')).toBe(true);
  expect(overlap('172.17.0.0/16', '172.18.0.0/16')).toBe(false);
});

test('macAddressOf() is 02:42 and the address', () => {
  expect(macAddressOf(parseIpv4('172.17.0.2') ?? 0)).toBe('02:42:ac:11:00:02');
});
