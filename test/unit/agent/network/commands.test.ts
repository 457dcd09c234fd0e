import { parseRecord } from '../../../../src/agent/network/endpoint-records.js';
import { attachBatch, connectBatch } from '../../../../src/agent/network/ip-command.js';
import {
  bridgeNameOf,
  hostLinkName,
  isBridgeName,
  isHostLinkName,
} from '../../../../src/agent/network/link-names.js';
import {
  addElements,
  deleteElements,
  type Publication,
  type RulesetNetwork,
  wholeTables,
} from '../../../../src/agent/network/nft-ruleset.js';

const endpoint = {
  networkId: 'n1',
  endpointId: '0123456789abcdef'.repeat(4),
  interface: 'eth0',
  gateway: '172.17.0.1',
  address: '172.17.0.2',
  prefixLength: 16,
  gateway6: '',
  address6: '',
  prefixLength6: 0,
  macAddress: '02:42:ac:11:00:02',
  priority: 0,
  dnsNames: ['web'],
};
const ports = [{ protocol: 'tcp' as const, containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 }];
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

test('connectBatch() makes the pairs from inside, puts their outer ends on the bridges, and sets one way out', () => {
  const plans = [{ endpoint, mtu: undefined, bridgeIndex: 5 }];
  const wayOut = { v4: endpoint, v6: undefined };

  expect(connectBatch(plans, wayOut, { namespace: '7', hasIpv6: true })).toBe(
    `link add tsm0123456789ab netns 7 master if5 up type veth peer name eth0 address 02:42:ac:11:00:02
link set lo up
link set eth0 addrgenmode none
link set eth0 up
addr add 172.17.0.2/16 broadcast + dev eth0
route replace default via 172.17.0.1 dev eth0
`,
  );
  expect(connectBatch(plans, wayOut, { namespace: '7', hasIpv6: false })).not.toContain('addrgenmode');
});

test('connectBatch() gives IPv6 addresses without duplicate detection, and the MTU to both ends', () => {
  const both = { ...endpoint, address6: 'fd00::2', prefixLength6: 64, gateway6: 'fd00::1' };
  const plans = [{ endpoint: both, mtu: 1400, bridgeIndex: 5 }];
  const text = connectBatch(plans, { v4: both, v6: both }, { namespace: '7', hasIpv6: true });

  expect(text).toContain('addr add fd00::2/64 dev eth0 nodad');
  expect(text).toContain('route replace default via fd00::1 dev eth0');
  expect(text.match(/mtu 1400/g)).toHaveLength(2);
});

test('bridgeNameOf() cannot be taken for the end of a pair', () => {
  const name = bridgeNameOf('0123456789abcdef'.repeat(4));

  expect(name).toBe('tsm-0123456789a');
  expect([isBridgeName(name), isHostLinkName(name)]).toEqual([true, false]);
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

const network: RulesetNetwork = {
  bridge: 'br0',
  subnets: { 4: ['10.9.0.0/24'], 6: [] },
  internal: false,
  icc: true,
  masquerade: true,
  gatewayMode: { 4: 'nat', 6: 'nat' },
  hostAddress: { 4: undefined, 6: undefined },
};

test('wholeTables() replaces the table in one transaction, with all elements', () => {
  const text = wholeTables([network], [web], false);

  expect(text).toMatch(/^add table ip tsmachine\ndelete table ip tsmachine\ntable ip tsmachine \{/);
  expect(text).toContain('ip saddr 10.9.0.0/24 oifname != "br0" masquerade');
  expect(text).toContain('oifname { "br0" } drop');
  expect(text.endsWith(addElements([web]))).toBe(true);
});

test('wholeTables() has a table of IPv6 where a network has it, else only removes one', () => {
  const dual = { ...network, subnets: { 4: ['10.9.0.0/24'], 6: ['fd00::/64'] } };

  expect(wholeTables([dual], [], true)).toContain('ip6 saddr fd00::/64 oifname != "br0" masquerade');
  expect(wholeTables([network], [], true)).toContain('delete table ip6 tsmachine');
  expect(wholeTables([network], [], true)).not.toMatch(/^table ip6/m);
  expect(wholeTables([dual], [], false)).not.toContain('ip6');
});

test('wholeTables() shuts an internal network off, and translates nothing of it', () => {
  const text = wholeTables([{ ...network, internal: true }], [], false);

  expect(text).toContain('iifname "br0" oifname != "br0" drop');
  expect(text).not.toContain('oifname != "br0" masquerade');
});

test('wholeTables() translates nothing of a routed network, and opens its published ports under their own addresses', () => {
  const routed: RulesetNetwork = { ...network, gatewayMode: { 4: 'routed', 6: 'nat' } };
  const open: Publication = { ...web, hostPort: 0, routed: true };
  const text = wholeTables([routed], [open], false);

  expect(text).not.toContain('oifname != "br0" masquerade');
  expect(text).toContain('ip daddr . tcp dport @tcp_routed accept');
  expect(text).toContain('oifname "br0" meta l4proto icmp accept');
  expect(text).toContain('add element ip tsmachine tcp_routed { 172.17.0.2 . 80 }\n');
  expect(deleteElements([open])).toBe('delete element ip tsmachine tcp_routed { 172.17.0.2 . 80 }\n');
});

test('wholeTables() lets containers that are kept apart reach the linked ones only', () => {
  const linked: Publication = { ...web, linkedTo: '172.17.0.9' };
  const text = wholeTables([{ ...network, icc: false }], [linked], false);

  const between = 'iifname "br0" oifname "br0"';
  const accept = `${between} ip saddr . ip daddr . tcp dport @tcp_linked accept`;
  expect(text).toContain(accept);
  expect(text.indexOf(`${between} drop`)).toBeGreaterThan(text.indexOf(accept));
  expect(text).toContain('add element ip tsmachine tcp_linked { 172.17.0.9 . 172.17.0.2 . 80 }\n');
  expect(deleteElements([linked])).toBe(
    'delete element ip tsmachine tcp_linked { 172.17.0.9 . 172.17.0.2 . 80 }\n',
  );
  expect(wholeTables([network], [], false)).not.toContain('@tcp_linked');
});

test('wholeTables() shows the world the address that a network asks for', () => {
  const text = wholeTables([{ ...network, hostAddress: { 4: '192.0.2.7', 6: undefined } }], [], false);

  expect(text).toContain('ip saddr 10.9.0.0/24 oifname != "br0" snat to 192.0.2.7');
});

test('parseRecord() reads what was written, what version 1 wrote, and refuses what is damaged', () => {
  const record = { containerId: 'c1', containerName: 'web', endpoints: [endpoint], ports };
  const { networkId, endpointId, gateway, address, prefixLength, macAddress } = endpoint;
  const old = { networkId, endpointId, gateway, address, prefixLength, macAddress, ports };
  const head = { containerId: 'c1', containerName: 'web' };

  expect(parseRecord(JSON.parse(JSON.stringify({ schemaVersion: 2, ...record })))).toEqual(record);
  expect(parseRecord({ schemaVersion: 1, ...head, endpoint: old })).toEqual({
    ...record,
    endpoints: [{ ...endpoint, dnsNames: [] }],
  });
  expect(parseRecord({ schemaVersion: 3, ...record })).toBeUndefined();
  expect(
    parseRecord({ schemaVersion: 2, ...record, endpoints: [{ ...endpoint, address: 5 }] }),
  ).toBeUndefined();
  expect(parseRecord([])).toBeUndefined();
});
