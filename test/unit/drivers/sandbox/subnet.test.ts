import fc from 'fast-check';
import {
  candidates,
  formatSubnet,
  freeAddress,
  gatewayOf,
  overlaps,
  parseSubnet,
  type Subnet,
} from '../../../../src/drivers/sandbox/subnet.js';

test.each(['10.213.0.0/24', '0.0.0.0/0', '255.255.255.255/32', '192.168.128.0/17'])(
  'parseSubnet() reads %s',
  (text) => {
    expect(formatSubnet(subnet(text))).toBe(text);
  },
);

test.each([
  '',
  '10.0.0.0',
  '10.0.0.1/24',
  '10.0.0.0/33',
  '10.0.0.256/32',
  '10.0.0.0/24/1',
  'a.b.c.d/8',
  '10.0.0.0/',
])('parseSubnet() refuses "%s"', (text) => {
  expect(parseSubnet(text)).toBeUndefined();
});

test('freeAddress() leaves out the network, the gateway, the broadcast and what is taken', () => {
  const small = subnet('10.1.2.0/29');
  const taken = new Set<string>();
  const given: string[] = [];
  for (let address = freeAddress(small, taken); address; address = freeAddress(small, taken)) {
    taken.add(address);
    given.push(address);
  }

  expect(gatewayOf(small)).toBe('10.1.2.1');
  expect(given).toEqual(['10.1.2.2', '10.1.2.3', '10.1.2.4', '10.1.2.5', '10.1.2.6']);
});

test('overlaps() holds exactly when one contains the other', () => {
  expect(overlaps(subnet('10.0.0.0/8'), subnet('10.213.0.0/24'))).toBe(true);
  expect(overlaps(subnet('10.213.0.128/25'), subnet('10.213.0.0/24'))).toBe(true);
  expect(overlaps(subnet('10.213.1.0/24'), subnet('10.213.0.0/24'))).toBe(false);
  expect(overlaps(subnet('240.0.0.0/4'), subnet('10.213.0.0/24'))).toBe(false);
});

test('overlaps() does not depend on the order', () => {
  const subnets = fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 })).map(
    ([number, prefixLength]): Subnet => ({
      base: number - (number % 2 ** (32 - prefixLength)),
      prefixLength,
    }),
  );
  fc.assert(fc.property(subnets, subnets, (one, other) => overlaps(one, other) === overlaps(other, one)));
});

test('candidates() begins with the preferred one and stays in 10.0.0.0/8', () => {
  const all = candidates(subnet('10.213.0.0/24')).map(formatSubnet);

  expect(all.slice(0, 2)).toEqual(['10.213.0.0/24', '10.214.0.0/24']);
  expect(all.at(-1)).toBe('10.254.0.0/24');
  expect(new Set(all).size).toBe(all.length);
});

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  if (!parsed) throw new Error(text);
  return parsed;
}
