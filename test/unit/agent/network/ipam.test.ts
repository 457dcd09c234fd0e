import fc from 'fast-check';
import { formatAddress, parseAddress, parseSubnet } from '../../../../src/agent/network/ip.js';
import { AddressPool } from '../../../../src/agent/network/ipam.js';

function poolOf(text: string, range?: string): AddressPool {
  const subnet = parseSubnet(text);
  return new AddressPool({
    subnet,
    range: range ? parseSubnet(range) : undefined,
    reserved: [subnet.base + 1n],
  });
}

describe('AddressPool', () => {
  test('allocate() begins behind the gateway and ends before the broadcast address', () => {
    const pool = poolOf('10.0.0.0/29');
    const all = Array.from({ length: 7 }, () => pool.allocate());

    expect(all.map((value) => value && formatAddress({ family: 4, value }))).toEqual([
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.5',
      '10.0.0.6',
      undefined,
      undefined,
    ]);
  });

  test('allocate() gives freed addresses last, the one that is free the longest first', () => {
    const pool = poolOf('10.0.0.0/29');
    const [two, three] = [pool.allocate(), pool.allocate()];
    pool.release(three ?? 0n);
    pool.release(two ?? 0n);

    const next = Array.from({ length: 5 }, () => pool.allocate());

    expect(next.map((one) => Number((one ?? 0n) % 8n))).toEqual([4, 5, 6, 3, 2]);
  });

  test('claim() refuses what is taken, the gateway, and what is not in the subnet', () => {
    const pool = poolOf('10.0.0.0/29');
    const answers = ['10.0.0.3', '10.0.0.3', '10.0.0.1', '10.0.0.0', '10.0.0.7', '10.0.1.2'].map((text) =>
      pool.claim(parseAddress(text)?.value ?? 0n),
    );

    expect(answers).toEqual([true, false, false, false, false, false]);
  });

  test('allocate() keeps to the range; claim() may leave it', () => {
    const pool = poolOf('10.0.0.0/24', '10.0.0.8/31');

    expect(
      [pool.allocate(), pool.allocate(), pool.allocate()].map((each) => Number((each ?? 0n) % 256n)),
    ).toEqual([8, 9, 0]);
    expect(pool.claim(parseAddress('10.0.0.77')?.value ?? 0n)).toBe(true);
  });

  test('never gives one address twice, and gives every address before it gives up', () => {
    const step = fc.record({ what: fc.constantFrom('allocate', 'claim', 'release'), at: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const subnet = parseSubnet('192.168.7.0/27');
        const pool = poolOf('192.168.7.0/27');
        const held = new Set<bigint>();
        for (const { what, at } of steps) {
          if (what === 'release') {
            pool.release(subnet.base + BigInt(at));
            held.delete(subnet.base + BigInt(at));
          } else {
            const address = what === 'allocate' ? pool.allocate() : claimed(pool, subnet.base + BigInt(at));
            expectFresh(address, held, what);
          }
        }
      }),
    );

    function claimed(pool: AddressPool, address: bigint): bigint | undefined {
      return pool.claim(address) ? address : undefined;
    }

    function expectFresh(address: bigint | undefined, held: Set<bigint>, what: string): void {
      if (what === 'allocate') expect(address === undefined).toBe(held.size === 29);
      if (address === undefined) return;
      expect(held.has(address)).toBe(false);
      expect(Number(address % 32n)).toBeGreaterThan(1);
      expect(Number(address % 32n)).toBeLessThan(31);
      held.add(address);
    }
  });
});
