import fc from 'fast-check';
import {
  formatAddress,
  formatSubnet,
  linkLocalOf,
  macAddressOf,
  parseAddress,
  parseSubnet,
  subnetsOverlap,
} from '../../../../src/agent/network/ip.js';

test.each([4, 6] as const)('formatAddress() and parseAddress() are inverse for IPv%i', (family) => {
  const max = 2n ** (family === 4 ? 32n : 128n) - 1n;
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max }), (value) => {
      expect(parseAddress(formatAddress({ family, value }))).toEqual({ family, value });
    }),
  );
});

test.each([
  ['::', '::'],
  ['::1', '::1'],
  ['FD00:0:0:1::', 'fd00:0:0:1::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
])('formatAddress() writes %s as %s', (text, short) => {
  const address = parseAddress(text);

  expect(address && formatAddress(address)).toBe(short);
});

test.each([
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.-4',
  '1.2.3.',
  'a.b.c.d',
  '',
  ':::',
  'fe80::1%eth0',
])('parseAddress() refuses "%s"', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test('parseSubnet() clears the host part', () => {
  expect(formatSubnet(parseSubnet('192.168.37.5/20'))).toBe('192.168.32.0/20');
  expect(formatSubnet(parseSubnet('240.0.0.1/4'))).toBe('240.0.0.0/4');
});

test.each(['172.17.0.0', '172.17.0.0/33', '172.17.0.0/', '300.0.0.0/8', '/16', 'fd00::/129'])(
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
  expect(overlap('0.0.0.0/0', '::/0')).toBe(false);
});

test('macAddressOf() is 02:42 and the address', () => {
  expect(macAddressOf(parseAddress('172.17.0.2')?.value ?? 0n)).toBe('02:42:ac:11:00:02');
});

test('linkLocalOf() has the MAC address in it', () => {
  expect(linkLocalOf('02:42:ac:11:00:02')).toBe('fe80::42:acff:fe11:2');
});
