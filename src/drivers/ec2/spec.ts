import { isIP } from 'node:net';
import { driverOptionInvalid } from '../errors.js';
import type { VolumeType } from './client.js';
import type { Ec2Instance } from './instance.js';
import type { Ec2Options } from './options.js';

export interface OpenPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
}

/** The options as values. */
export interface Ec2Spec {
  readonly place: {
    readonly region: string | undefined;
    readonly profile?: string;
    readonly endpoint?: string;
    readonly retries: number;
  };
  readonly tags: Readonly<Record<string, string>>;
  readonly openPorts: readonly OpenPort[];
  /** Empty: the caller's own address. */
  readonly allowed: readonly string[];
  readonly use: Ec2Instance['use'];
  readonly volumeType: VolumeType;
  readonly metadataToken: 'required' | 'optional';
  readonly os: OperatingSystem;
  readonly sshUser: string;
}

export type OperatingSystem = keyof typeof users;

/** What cloud-init calls the default user of each image. */
const users = { ubuntu: 'ubuntu', debian: 'admin' } as const;
const volumeTypes = ['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1', 'standard'] as const;

/** Throws DRIVER_OPTION_INVALID. */
export function parseEc2Options(options: Ec2Options): Ec2Spec {
  refuseWithdrawn(options);
  refuseContradictions(options);
  checkRange('ssh-port', options['ssh-port'], 1, 65_535);
  checkRange('root-size', options['root-size'], 1, 65_536);
  checkRange('metadata-token-response-hop-limit', options['metadata-token-response-hop-limit'], 1, 64);
  checkRange('retries', options.retries, -1, 100);
  const os = oneOf('os', options.os, Object.keys(users) as OperatingSystem[]);
  return {
    place: placeOf(options),
    tags: parseTags(options.tags ?? ''),
    openPorts: options['open-port'].map(parsePort),
    allowed: options['allow-cidr'].map(parseCidr),
    use: addressUsed(options),
    volumeType: oneOf('volume-type', options['volume-type'], volumeTypes),
    metadataToken: oneOf('metadata-token', options['metadata-token'], ['required', 'optional']),
    os,
    sshUser: options['ssh-user'] ?? (options.ami === undefined ? users[os] : 'ubuntu'),
  };
}

export function placeOf(options: Ec2Options): Ec2Spec['place'] {
  const endpoint = options.endpoint && endpointUrl(options.endpoint, options['insecure-transport']);
  return {
    region: options.region,
    ...(options.profile !== undefined && { profile: options.profile }),
    ...(endpoint && { endpoint }),
    retries: Math.max(0, options.retries),
  };
}

function refuseWithdrawn(options: Ec2Options): void {
  const minutes = options['block-duration-minutes'] ?? 0;
  if (minutes === 0) return;
  const reason = 'is not possible: AWS has withdrawn spot instances of a fixed duration';
  throw driverOptionInvalid('ec2-block-duration-minutes', String(minutes), reason, 'leave the option out');
}

function refuseContradictions(options: Ec2Options): void {
  const keyPair = options['keypair-name'];
  if (keyPair !== undefined && options['ssh-keypath'] === undefined) {
    const hint = 'give the private key with --ec2-ssh-keypath';
    throw driverOptionInvalid('ec2-keypair-name', keyPair, 'is of no use without its private key', hint);
  }
  if (options['insecure-transport'] && options.endpoint === undefined) {
    throw driverOptionInvalid('ec2-insecure-transport', 'true', 'needs an endpoint', 'give --ec2-endpoint');
  }
  if (options['security-group-readonly'] && options['security-group'].length === 0) {
    const hint = 'name groups with --ec2-security-group';
    throw driverOptionInvalid('ec2-security-group-readonly', 'true', 'needs groups that exist', hint);
  }
  const price = options['spot-price'];
  if (price !== undefined && !(Number(price) > 0)) {
    throw driverOptionInvalid('ec2-spot-price', price, 'is not a price', 'write 0.05');
  }
}

function addressUsed(options: Ec2Options): Ec2Instance['use'] {
  if (options['use-ipv6-address']) {
    if (options.ipv6) return 'ipv6';
    throw driverOptionInvalid('ec2-use-ipv6-address', 'true', 'needs an IPv6 address', 'give --ec2-ipv6 too');
  }
  return options['private-address-only'] || options['use-private-address'] ? 'private' : 'public';
}

function endpointUrl(text: string, insecure: boolean): string {
  const url = text.includes('://') ? text : `${insecure ? 'http' : 'https'}://${text}`;
  if (!URL.canParse(url)) throw driverOptionInvalid('ec2-endpoint', text, 'is not a host or URL');
  if (url.startsWith('https:') && insecure) return url.replace(/^https/, 'http');
  return url;
}

/** docker-machine's "key,value,key,value", or "key=value,key=value". */
export function parseTags(text: string): Readonly<Record<string, string>> {
  const words = text.split(',').map((word) => word.trim());
  if (text.trim() === '') return {};
  const invalid = (reason: string) =>
    driverOptionInvalid('ec2-tags', text, reason, 'write key,value,key,value or key=value,key=value');
  const pairs = words.every((word) => word.includes('='))
    ? words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const)
    : words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]] as const] : []));
  return Object.fromEntries(
    pairs.map(([key, value]) => {
      if (value === undefined) throw invalid('has a key without a value');
      if (key === '' || key.length > 128 || value.length > 256) throw invalid('has a key or value of no use');
      if (/^(aws:|tsmachine-)/i.test(key)) throw invalid(`has the reserved key "${key}"`);
      return [key, value];
    }),
  );
}

function parsePort(text: string): OpenPort {
  const [, number, protocol = 'tcp'] = /^(\d+)(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const port = Number(number);
  if (port >= 1 && port <= 65_535) return { port, protocol: protocol === 'udp' ? 'udp' : 'tcp' };
  throw driverOptionInvalid('ec2-open-port', text, 'is not a port', 'write 80 or 53/udp');
}

function parseCidr(text: string): string {
  const [address = '', length] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const bits = length === undefined ? most : /^\d+$/.test(length) ? Number(length) : Number.NaN;
  if (family !== 0 && bits <= most) return `${address}/${bits}`;
  throw driverOptionInvalid('ec2-allow-cidr', text, 'is not a network', 'write 203.0.113.7/32');
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw driverOptionInvalid(`ec2-${option}`, value, 'is unknown', `use one of ${allowed.join(', ')}`);
}

function checkRange(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw driverOptionInvalid(`ec2-${option}`, String(value), 'is out of range', `use ${least} to ${most}`);
}
