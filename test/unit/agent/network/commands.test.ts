import { parseRecord } from '../../../../src/agent/network/endpoint-records.js';
import {
  attachBatch,
  connectBatch,
  hostLinkName,
  isHostLinkName,
} from '../../../../src/agent/network/ip-command.js';
import { parseLinks } from '../../../../src/agent/network/link.js';
import {
  addElements,
  deleteElements,
  type Publication,
  wholeTable,
} from '../../../../src/agent/network/nft-ruleset.js';

const endpoint = {
  networkId: 'n1',
  endpointId: '0123456789abcdef'.repeat(4),
  gateway: '172.17.0.1',
  address: '172.17.0.2',
  prefixLength: 16,
  macAddress: '02:42:ac:11:00:02',
  ports: [{ protocol: 'tcp' as const, containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 }],
};
const web: Publication = {
  protocol: 'tcp',
  hostAddress: '0.0.0.0',
  hostPort: 8080,
  address: '172.17.0.2',
  containerPort: 80,
};
const names: Publication = {
  ...web,
  protocol: 'udp',
  hostAddress: '192.0.2.1',
  hostPort: 53,
  containerPort: 5353,
};

test('hostLinkName() fits an interface name and is known again', () => {
  const name = hostLinkName(endpoint.endpointId);

  expect(name).toBe('tsm0123456789ab');
  expect(isHostLinkName(name)).toBe(true);
  expect(['tsmachine0', 'eth0', 'tsm0123456789xy'].some(isHostLinkName)).toBe(false);
});

test('connectBatch() makes the pair from inside and puts its outer end on the bridge', () => {
  expect(connectBatch(endpoint, { pid: 7, bridgeIndex: 5, hasIpv6: true })).toBe(
    `link add tsm0123456789ab netns 7 master if5 up type veth peer name eth0 address 02:42:ac:11:00:02
link set lo up
link set eth0 addrgenmode none
link set eth0 up
addr add 172.17.0.2/16 broadcast + dev eth0
route add default via 172.17.0.1 dev eth0
`,
  );
  expect(connectBatch(endpoint, { pid: 7, bridgeIndex: 5, hasIpv6: false })).not.toContain('addrgenmode');
});

test('attachBatch() is empty when there is nothing to attach', () => {
  expect(attachBatch([], 'tsmachine0')).toBe('');
  expect(attachBatch(['tsm1', 'tsm2'], 'br0')).toBe(
    'link set tsm1 master br0 up\nlink set tsm2 master br0 up\n',
  );
});

test('addElements() and deleteElements() keep ports of all addresses and of one apart', () => {
  expect(addElements([web, names])).toBe(
    `add element ip tsmachine tcp_any { 8080 : 172.17.0.2 . 80 }
add element ip tsmachine udp_address { 192.0.2.1 . 53 : 172.17.0.2 . 5353 }
`,
  );
  expect(deleteElements([web, names])).toBe(
    `delete element ip tsmachine tcp_any { 8080 }
delete element ip tsmachine udp_address { 192.0.2.1 . 53 }
`,
  );
});

test('wholeTable() replaces the table in one transaction, with all elements', () => {
  const text = wholeTable({ bridge: 'br0', subnet: '10.9.0.0/24' }, [web]);

  expect(text).toMatch(/^add table ip tsmachine\ndelete table ip tsmachine\ntable ip tsmachine \{/);
  expect(text).toContain('ip saddr 10.9.0.0/24 oifname != "br0" masquerade');
  expect(text).toContain('oifname "br0" drop');
  expect(text.endsWith(addElements([web]))).toBe(true);
});

test('parseLinks() reads names, indices and bridges', () => {
  const links = [{ ifindex: 1, ifname: 'lo' }, { ifindex: 4, ifname: 'tsm1', master: 'br0' }, 'nonsense'];

  expect(parseLinks(links)).toEqual([
    { index: 1, name: 'lo' },
    { index: 4, name: 'tsm1', master: 'br0' },
  ]);
});

test('parseRecord() reads what was written and refuses what is damaged', () => {
  const record = { containerId: 'c1', containerName: 'web', endpoint };

  expect(parseRecord(JSON.parse(JSON.stringify({ schemaVersion: 1, ...record })))).toEqual(record);
  expect(parseRecord({ schemaVersion: 2, ...record })).toBeUndefined();
  expect(parseRecord({ schemaVersion: 1, ...record, endpoint: { ...endpoint, address: 5 } })).toBeUndefined();
  expect(parseRecord([])).toBeUndefined();
});
