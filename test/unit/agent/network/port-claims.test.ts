import type { PortBinding } from '../../../../src/agent/network/network.js';
import { type PortWay, portClaims } from '../../../../src/agent/network/port-claims.js';

const way: PortWay = { hostHasIpv6: true, ways: { 4: 'translated', 6: 'none' }, hostBinding: '' };

function binding(hostAddress: string, more: Partial<PortBinding> = {}): PortBinding {
  return { protocol: 'tcp', containerPort: 80, hostPort: 0, hostAddress, ...more };
}

function addresses(bindings: readonly PortBinding[], hostHasIpv6 = true): readonly string[] {
  return portClaims(bindings, { ...way, hostHasIpv6 }).claims.map((claim) => claim.hostAddresses.join(' '));
}

describe('portClaims()', () => {
  test('asks for both families when no address is given, where the host has IPv6', () => {
    expect(addresses([binding('')])).toEqual(['0.0.0.0 ::']);
    expect(addresses([binding('')], false)).toEqual(['0.0.0.0']);
    expect(addresses([binding('', { protocol: 'udp' })])).toEqual(['0.0.0.0']);
  });

  test('asks for the address that is given', () => {
    expect(addresses([binding('0.0.0.0'), binding('127.0.0.1'), binding('::1')])).toEqual([
      '0.0.0.0',
      '127.0.0.1',
      '::1',
    ]);
  });

  test('joins the two families of one port, so that they get the same number', () => {
    expect(addresses([binding('0.0.0.0'), binding('::')])).toEqual(['0.0.0.0 ::']);
    expect(addresses([binding('0.0.0.0'), binding('::', { containerPort: 81 })])).toEqual(['0.0.0.0', '::']);
  });

  test('asks first for a port that is chosen, last for any', () => {
    const any = binding('127.0.0.1', { containerPort: 1 });
    const range = binding('127.0.0.1', { containerPort: 2, hostPort: 49_153, lastHostPort: 49_160 });
    const chosen = binding('127.0.0.1', { containerPort: 3, hostPort: 49_153 });

    const { claims } = portClaims([any, any, range, chosen], way);

    expect(claims.map(({ containerPort }) => containerPort)).toEqual([3, 2, 1, 1]);
  });

  test('asks for both families with UDP where the container has IPv6', () => {
    const bindings = [binding('', { protocol: 'udp' })];

    const ways = { 4: 'translated', 6: 'translated' } as const;
    expect(portClaims(bindings, { ...way, ways }).claims[0]?.hostAddresses).toEqual(['0.0.0.0', '::']);
  });

  test('asks for the address of the network where the binding has none', () => {
    const { claims } = portClaims([binding(''), binding('::1')], { ...way, hostBinding: '127.0.0.1' });

    expect(claims.map(({ hostAddresses }) => hostAddresses)).toEqual([['127.0.0.1'], ['::1']]);
  });

  test('refuses protocols other than TCP on IPv6', () => {
    expect(() => portClaims([binding('::', { protocol: 'udp', hostPort: 53 })], way)).toThrow(
      'publishing udp ports on IPv6 addresses is not supported: [::]:53',
    );
  });

  test('takes no port of the host of a family in which containers are reached by their own addresses', () => {
    const { claims, routed } = portClaims([binding('', { hostPort: 8080 })], {
      ...way,
      ways: { 4: 'translated', 6: 'routed' },
    });

    expect(claims.map(({ hostAddresses }) => hostAddresses)).toEqual([['0.0.0.0']]);
    expect(routed).toEqual([
      { protocol: 'tcp', containerPort: 80, hostAddress: '::', hostPort: 0, routed: true },
    ]);
  });

  test('takes no IPv4 port for a container without IPv4', () => {
    const only6: PortWay = { ...way, ways: { 4: 'none', 6: 'translated' } };

    expect(portClaims([binding('')], only6).claims.map(({ hostAddresses }) => hostAddresses)).toEqual([
      ['::'],
    ]);
    expect(portClaims([binding('127.0.0.1')], only6).claims).toEqual([]);
  });
});
