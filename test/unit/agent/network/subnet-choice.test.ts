import { formatSubnet, parseSubnet } from '../../../../src/agent/network/ip.js';
import { chooseSubnet, parseRoutes } from '../../../../src/agent/network/subnet-choice.js';

function choose(...used: readonly string[]): string {
  return formatSubnet(chooseSubnet(used.map(parseSubnet)));
}

test('chooseSubnet() takes the first default pool that nothing overlaps', () => {
  expect(choose()).toBe('172.17.0.0/16');
  expect(choose('172.17.9.0/24', '10.0.0.0/8')).toBe('172.18.0.0/16');
  expect(choose('172.16.0.0/12')).toBe('192.168.0.0/20');
  expect(choose('172.16.0.0/12', '192.168.1.0/24')).toBe('192.168.16.0/20');
});

test('chooseSubnet() says so when nothing is left', () => {
  expect(() => choose('172.16.0.0/12', '192.168.0.0/16')).toThrow('non-overlapping IPv4 address pool');
});

test('chooseSubnet() takes networks of the size that is configured', () => {
  const pools = [{ base: '10.10.0.0/16', size: 24 }];

  expect(formatSubnet(chooseSubnet([parseSubnet('10.10.0.0/23')], pools))).toBe('10.10.2.0/24');
});

test('parseRoutes() leaves out default routes and halves of everything', () => {
  const routes = [
    { dst: 'default', dev: 'eth0' },
    { dst: '0.0.0.0/1', dev: 'tun0' },
    { dst: '10.1.0.0/16', dev: 'eth0', scope: 'link' },
    { dst: '10.2.0.5', dev: 'eth0' },
    { type: 'multicast' },
  ];

  expect(
    parseRoutes(routes).map((route) => [formatSubnet(route.subnet), route.device, route.connected]),
  ).toEqual([
    ['10.1.0.0/16', 'eth0', true],
    ['10.2.0.5/32', 'eth0', false],
  ]);
});
