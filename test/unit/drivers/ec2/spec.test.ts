import { defaultOptions } from '../../../../src/cli/driver-flags.js';
import { ec2 } from '../../../../src/drivers/ec2/index.js';
import { type Ec2Options, ec2Options } from '../../../../src/drivers/ec2/options.js';
import { parseEc2Options, parseTags } from '../../../../src/drivers/ec2/spec.js';

// The schema's own defaults, as the CLI takes them.
const defaults = defaultOptions(ec2, {}) as unknown as Ec2Options;
const parse = (changes: Partial<Ec2Options>) => parseEc2Options({ ...defaults, ...changes });

test.each([
  ['docker-machine’s list', 'team,blue,cost,12', { team: 'blue', cost: '12' }],
  ['pairs', 'team=blue, url=a=b', { team: 'blue', url: 'a=b' }],
  ['nothing', '', {}],
])('tags are %s', (_, text, tags) => {
  expect(parseTags(text)).toEqual(tags);
});

test.each([
  ['team', /key without a value/],
  ['tsmachine-owner,me', /reserved/],
  ['aws:x=1', /reserved/],
])('tags "%s" are refused', (text, reason) => {
  expect(() => parseTags(text)).toThrow(reason);
});

test.each<[string, Partial<Ec2Options>, string | undefined]>([
  ['a host', { endpoint: 'cloud.example' }, 'https://cloud.example'],
  [
    'a host without TLS',
    { endpoint: 'cloud.example:8773', 'insecure-transport': true },
    'http://cloud.example:8773',
  ],
  ['a URL', { endpoint: 'http://127.0.0.1:5000/ec2' }, 'http://127.0.0.1:5000/ec2'],
  ['none', {}, undefined],
])('the endpoint is %s', (_, changes, url) => {
  expect(parse(changes).place.endpoint).toBe(url);
});

test.each<[Partial<Ec2Options>, RegExp]>([
  [{ 'insecure-transport': true }, /needs an endpoint/],
  [{ 'allow-cidr': ['example.com'] }, /--ec2-allow-cidr "example.com" is not a network/],
  [{ 'allow-cidr': ['10.0.0.0/33'] }, /not a network/],
  [{ 'open-port': ['http'] }, /--ec2-open-port "http" is not a port/],
  [{ 'open-port': ['70000'] }, /not a port/],
  [{ 'volume-type': 'gp9' }, /--ec2-volume-type "gp9" is unknown/],
  [{ 'metadata-token': 'no' }, /--ec2-metadata-token "no" is unknown/],
  [{ os: 'plan9' }, /--ec2-os "plan9" is unknown/],
  [{ 'root-size': 0 }, /--ec2-root-size "0" is out of range/],
  [{ 'spot-price': 'cheap' }, /--ec2-spot-price "cheap" is not a price/],
  [{ 'use-ipv6-address': true }, /needs an IPv6 address/],
  [{ 'security-group-readonly': true }, /needs groups/],
  [{ 'block-duration-minutes': 60 }, /withdrawn/],
])('%j is refused', (changes, reason) => {
  expect(() => parse(changes)).toThrow(reason);
});

test('an address is a network of one', () => {
  expect(parse({ 'allow-cidr': ['203.0.113.7', '2001:db8::1', '10.0.0.0/8'] }).allowed).toEqual([
    '203.0.113.7/32',
    '2001:db8::1/128',
    '10.0.0.0/8',
  ]);
});

test('every option has the name that it has in docker-machine, and secrets are not taken from the environment', () => {
  for (const [key, option] of Object.entries(ec2Options)) {
    expect(option).toMatchObject({ aliases: [`amazonec2-${key}`] });
    const secret = ['access-key', 'secret-key', 'session-token'].includes(key);
    expect('secret' in option).toBe(secret);
    expect('env' in option).toBe(!secret);
  }
});
