import type { PortBinding } from '../../../../src/agent/network/network.js';
import { portClaims } from '../../../../src/agent/network/port-claims.js';

const way = { hostHasIpv6: true, hasIpv6: false, hostBinding: '' };

function binding(hostAddress: string, more: Partial<PortBinding> = {}): PortBinding {
  return { protocol: 'tcp', containerPort: 80, hostPort: 0, hostAddress, ...more };
}

function addresses(bindings: readonly PortBinding[], hostHasIpv6 = true): readonly string[] {
  return portClaims(bindings, { ...way, hostHasIpv6 }).map((claim) => claim.hostAddresses.join(' '));
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

  test('asks for both families with UDP where the container has IPv6', () => {
    const bindings = [binding('', { protocol: 'udp' })];

    expect(portClaims(bindings, { ...way, hasIpv6: true })[0]?.hostAddresses).toEqual(['0.0.0.0', '::']);
  });

  test('asks for the address of the network where the binding has none', () => {
    const claims = portClaims([binding(''), binding('::1')], { ...way, hostBinding: '127.0.0.1' });

    expect(claims.map(({ hostAddresses }) => hostAddresses)).toEqual([['127.0.0.1'], ['::1']]);
  });

  test('refuses protocols other than TCP on IPv6', () => {
    expect(() => portClaims([binding('::', { protocol: 'udp', hostPort: 53 })], way)).toThrow(
      'publishing udp ports on IPv6 addresses is not supported: [::]:53',
    );
  });
});
