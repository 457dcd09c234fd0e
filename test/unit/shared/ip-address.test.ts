import { addressBytes, isLoopback } from '../../../src/shared/ip-address.js';

test('an address becomes its bytes', () => {
  const hex = (address: string) => addressBytes(address).toString('hex');
  expect(hex('10.0.0.255')).toBe('0a0000ff');
  expect(hex('::')).toBe('0'.repeat(32));
  expect(hex('::1')).toBe(`${'0'.repeat(31)}1`);
  expect(hex('fe80::1:2%eth0')).toBe('fe800000000000000000000000010002');
  expect(hex('1:2:3:4:5:6:7:8')).toBe('00010002000300040005000600070008');
  expect(hex('fd00::')).toBe(`fd00${'0'.repeat(28)}`);
  expect(hex('::ffff:1.2.3.4')).toBe('00000000000000000000ffff01020304');
  expect(() => addressBytes('host')).toThrow('not an IP address: "host"');
});

test('all of 127/8 is loopback', () => {
  expect(['127.0.0.53', '::1', '12.7.0.1', 'fe80::1'].map(isLoopback)).toEqual([true, true, false, false]);
});
