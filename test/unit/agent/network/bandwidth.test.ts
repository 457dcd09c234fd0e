import { shapeBatch } from '../../../../src/agent/network/bandwidth.js';

test('shapeBatch() limits what comes on each link, and all that is sent together', () => {
  const lines = shapeBatch(['veth0', 'veth1'], 'ifb0', { download: 1e9, upload: 8e6 }).trimEnd().split('\n');

  expect(lines).toEqual([
    'qdisc add dev ifb0 root tbf rate 8000000bit burst 65536 latency 50ms',
    'qdisc add dev veth0 root tbf rate 1000000000bit burst 1250000 latency 50ms',
    'qdisc add dev veth0 ingress',
    expect.stringContaining('filter add dev veth0 parent ffff:'),
    'qdisc add dev veth1 root tbf rate 1000000000bit burst 1250000 latency 50ms',
    'qdisc add dev veth1 ingress',
    expect.stringContaining('redirect dev ifb0'),
  ]);
});

test('shapeBatch() leaves alone what has no limit', () => {
  expect(shapeBatch(['veth0'], 'ifb0', { download: 8e6 })).toBe(
    'qdisc add dev veth0 root tbf rate 8000000bit burst 65536 latency 50ms\n',
  );
});
