import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { bool, type DecodedBy, DecodeError, integer, list, map, object, text } from '../api/decode.js';
import { errorMessage, TsmachineError } from '../shared/errors.js';
import type { Proxies } from './proxies.js';

export interface TlsFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface AgentConfig {
  readonly dataRoot: string;
  readonly runRoot: string;
  readonly socket: string;
  /** Only over TLS with client certificates: the agent has no plain TCP. Absent: the socket only. */
  readonly tcp?: { readonly host: string; readonly port: number; readonly tls: TlsFiles };
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  /** With a folder HOST[:PORT] for each registry that has certificates of its own, as /etc/docker/certs.d. */
  readonly certificatesDirectories: readonly string[];
  /** To registries and whatever else the agent fetches; absent ones are the environment's. */
  readonly proxies: Proxies;
  /** Which images are let in: a file of containers-policy.json(5), which need not be there. */
  readonly imagePolicy: string;
  /** Of containers that do not choose one. */
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  /** Whose IDs containers have, in dockerd's words: "default", "user", "1000:1000". Absent: the host's. */
  readonly usernsRemap?: string;
  /** Of the predefined bridge, and where other networks' subnets come from; in dockerd's words. */
  readonly network: NetworkConfig;
}

export interface NetworkConfig {
  readonly bip?: string;
  readonly fixedCidr?: string;
  readonly mtu?: number;
  readonly icc?: boolean;
  readonly ip?: string;
  readonly defaultAddressPools?: readonly { readonly base: string; readonly size: number }[];
}

const file = object({
  dataRoot: text,
  runRoot: text,
  socket: text,
  listen: object({ host: text, port: integer }),
  tls: object({ ca: text, certificate: text, key: text }),
  labels: list(text),
  insecureRegistries: list(text),
  registryMirrors: list(text),
  proxies: object({ httpProxy: text, httpsProxy: text, noProxy: text }),
  imagePolicy: text,
  logDriver: text,
  logOptions: map(text),
  usernsRemap: text,
  network: object({
    bip: text,
    fixedCidr: text,
    mtu: integer,
    icc: bool,
    ip: text,
    defaultAddressPools: list(object({ base: text, size: integer })),
  }),
});

/** Reads agent.json; relative paths are taken from its directory. Throws CONFIG_INVALID. */
export async function readConfig(path: string): Promise<AgentConfig> {
  const source = await readFile(path, 'utf8').catch((cause) => {
    throw invalid(path, errorMessage(cause), cause);
  });
  try {
    return toConfig(file(JSON.parse(source), '') ?? {}, dirname(resolve(path)));
  } catch (cause) {
    if (cause instanceof DecodeError || cause instanceof SyntaxError || cause instanceof RangeError) {
      throw invalid(path, cause.message, cause);
    }
    throw cause;
  }
}

function toConfig(given: DecodedBy<typeof file>, directory: string): AgentConfig {
  const path = (value: string) => resolve(directory, value);
  const runRoot = path(given.runRoot ?? '/run/tsmachine');
  return {
    dataRoot: path(given.dataRoot ?? '/var/lib/tsmachine'),
    runRoot,
    socket: given.socket === undefined ? `${runRoot}/docker.sock` : path(given.socket),
    ...(given.listen && { tcp: tcpOf(given.listen, given.tls, path) }),
    labels: given.labels ?? [],
    insecureRegistries: given.insecureRegistries ?? [],
    registryMirrors: given.registryMirrors ?? [],
    certificatesDirectories: [path('certs.d'), '/etc/docker/certs.d'],
    proxies: given.proxies ?? {},
    imagePolicy: path(given.imagePolicy ?? 'image-policy.json'),
    logDriver: given.logDriver ?? 'json-file',
    logOptions: given.logOptions ?? {},
    ...(given.usernsRemap && { usernsRemap: given.usernsRemap }),
    network: networkOf(given.network ?? {}),
  };
}

function networkOf({
  defaultAddressPools,
  ...rest
}: NonNullable<DecodedBy<typeof file>['network']>): NetworkConfig {
  const pools = defaultAddressPools?.map(({ base, size }) => {
    if (base === undefined || size === undefined) {
      throw new RangeError('"network.defaultAddressPools" needs "base" and "size"');
    }
    return { base, size };
  });
  return { ...rest, ...(pools && { defaultAddressPools: pools }) };
}

function tcpOf(
  { host = '::', port = 2376 }: { readonly host?: string; readonly port?: number },
  tls: DecodedBy<typeof file>['tls'],
  path: (value: string) => string,
): NonNullable<AgentConfig['tcp']> {
  if (port < 0 || port > 65_535) throw new RangeError(`"listen.port" is no port: ${port}`);
  if (!tls?.ca || !tls.certificate || !tls.key) {
    throw new RangeError('"listen" needs "tls" with "ca", "certificate" and "key"');
  }
  return { host, port, tls: { ca: path(tls.ca), certificate: path(tls.certificate), key: path(tls.key) } };
}

function invalid(path: string, reason: string, cause: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'CONFIG_INVALID', `cannot use "${path}": ${reason}`, {
    cause,
  });
}
