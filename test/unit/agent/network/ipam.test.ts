import fc from 'fast-check';
import { AddressPool } from '../../../../src/agent/network/ipam.js';
import { formatIpv4, parseIpv4, parseSubnet } from '../../../../src/agent/network/ipv4.js';

describe('AddressPool', () => {
  test('allocate() begins behind the gateway and ends before the broadcast address', () => {
    const pool = new AddressPool(parseSubnet('10.0.0.0/29'));
    const all = Array.from({ length: 7 }, () => pool.allocate());

    expect(formatIpv4(pool.gateway)).toBe('10.0.0.1');
    expect(all.map((one) => one && formatIpv4(one))).toEqual([
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
    const pool = new AddressPool(parseSubnet('10.0.0.0/29'));
    const [two, three] = [pool.allocate(), pool.allocate()];
    pool.release(three ?? 0);
    pool.release(two ?? 0);

    const next = Array.from({ length: 5 }, () => pool.allocate());

    expect(next.map((one) => (one ?? 0) % 8)).toEqual([4, 5, 6, 3, 2]);
  });

  test('claim() refuses what is taken, the gateway, and what is not in the subnet', () => {
    const pool = new AddressPool(parseSubnet('10.0.0.0/29'));
    const answers = ['10.0.0.3', '10.0.0.3', '10.0.0.1', '10.0.0.0', '10.0.0.7', '10.0.1.2'].map((text) =>
      pool.claim(parseIpv4(text) ?? 0),
    );

    expect(answers).toEqual([true, false, false, false, false, false]);
  });

  test('never gives one address twice, and gives every address before it gives up', () => {
    const step = fc.record({ what: fc.constantFrom('allocate', 'claim', 'release'), at: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const subnet = parseSubnet('192.168.7.0/27');
        const pool = new AddressPool(subnet);
        const held = new Set<number>();
        for (const { what, at } of steps) {
          if (what === 'release') {
            pool.release(subnet.base + at);
            held.delete(subnet.base + at);
          } else {
            const address = what === 'allocate' ? pool.allocate() : claimed(pool, subnet.base + at);
            expectFresh(address, held, what);
          }
        }
      }),
    );

    function claimed(pool: AddressPool, address: number): number | undefined {
      return pool.claim(address) ? address : undefined;
    }

    function expectFresh(address: number | undefined, held: Set<number>, what: string): void {
      if (what === 'allocate') expect(address === undefined).toBe(held.size === 29);
      if (address === undefined) return;
      expect(held.has(address)).toBe(false);
      expect(address % 32).toBeGreaterThan(1);
      expect(address % 32).toBeLessThan(31);
      held.add(address);
    }
  });
});
