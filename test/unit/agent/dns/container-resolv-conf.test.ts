import { containerResolvConf, setsNdots } from '../../../../src/agent/dns/container-resolv-conf.js';
import { parseResolvConf } from '../../../../src/agent/dns/resolv-conf.js';

const nothing = { servers: [], search: [], options: [] };
const host = parseResolvConf(`# a comment
nameserver 127.0.0.53
nameserver 10.0.0.53
nameserver fd00::53
domain old.example
search a.example b.example
options edns0
options timeout:1
`);

test('a resolv.conf is read: the last search list, all options', () => {
  expect(host).toEqual({
    servers: ['127.0.0.53', '10.0.0.53', 'fd00::53'],
    search: ['a.example', 'b.example'],
    options: ['edns0', 'timeout:1'],
  });
});

test('on the default bridge: servers that can be reached, or public ones', () => {
  expect(containerResolvConf(host, nothing, { use: 'plain', ipv6: false })).toBe(
    'nameserver 10.0.0.53\nsearch a.example b.example\noptions edns0 timeout:1\n',
  );
  expect(containerResolvConf(host, nothing, { use: 'plain', ipv6: true })).toContain('nameserver fd00::53\n');
  const stub = parseResolvConf('nameserver 127.0.0.53');
  expect(containerResolvConf(stub, nothing, { use: 'plain', ipv6: false })).toBe(
    'nameserver 8.8.8.8\nnameserver 8.8.4.4\n',
  );
});

test("a container's own settings stand in place of the host's", () => {
  const own = { servers: ['127.0.0.1', 'fd00::1'], search: ['.'], options: ['ndots:2'] };
  expect(containerResolvConf(host, own, { use: 'plain', ipv6: false })).toBe(
    'nameserver 127.0.0.1\nnameserver fd00::1\noptions ndots:2\n',
  );
});

test('with names: our server alone, and ndots:0 where no valid one is given', () => {
  const use = { use: 'names', ipv6: false } as const;
  expect(containerResolvConf(host, nothing, use)).toBe(
    'nameserver 127.0.0.11\nsearch a.example b.example\noptions edns0 timeout:1 ndots:0\n',
  );
  expect(containerResolvConf(host, { ...nothing, options: ['ndots:x'] }, use)).toContain('options ndots:0\n');
  expect(containerResolvConf(host, { ...nothing, options: ['ndots:3'] }, use)).toContain('options ndots:3\n');
  expect([setsNdots(['edns0', 'ndots:1']), setsNdots(['ndots:'])]).toEqual([true, false]);
});

test("in the host's network everything stays", () => {
  expect(containerResolvConf(host, nothing, { use: 'host', ipv6: false })).toContain(
    'nameserver 127.0.0.53\n',
  );
});
