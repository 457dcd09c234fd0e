import { randomInt } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopback } from '../../shared/ip-address.js';
import { eventedSocket } from '../kernel/evented.js';
import { connectSocket, inNetworkNamespace, type SocketKind } from '../kernel/network-namespace.js';
import { answers, type Query, ResponseCode, responseCode, withId } from './message.js';
import { publicServers } from './resolv-conf.js';
import { framed, MessageReader } from './tcp-framing.js';

/** A name server, and the network namespace to ask it from: undefined for the host's. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
  readonly namespace: number | undefined;
}

/**
 * The servers for a container: its own (`--dns`), which may be on its loopback interface, or else the host's. They are
 * asked from the container's namespace, so that its routes hold; only those on the host's loopback from the host's.
 */
export function upstreamsOf(
  servers: { readonly own: readonly string[]; readonly host: readonly string[] },
  namespace: number,
): readonly Upstream[] {
  const chosen = servers.own.length > 0 ? servers.own : servers.host;
  const addresses = chosen.filter((address) => isIP(address) !== 0);
  return (addresses.length > 0 ? addresses : publicServers).slice(0, maxServers).map((address) => ({
    address,
    port: 53,
    namespace: servers.own.length === 0 && isHostOnly(address) ? undefined : namespace,
  }));
}

/** A loopback address, or an address of a link that the container is not on. */
function isHostOnly(address: string): boolean {
  return isLoopback(address) || address.includes('%');
}

const maxServers = 3;

/**
 * Asks the servers one after the other, twice or until the asker has lost its patience, by the way that the question
 * came; what a server answers is passed on as it is, so that the asker sees truncation and asks again by TCP. Undefined
 * when there is no answer at all; one that says SERVFAIL or REFUSED is given back only when no server has a better
 * one. Never throws.
 */
export async function askUpstreams(
  query: Query,
  kind: SocketKind,
  upstreams: readonly Upstream[],
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  let failure: Buffer | undefined;
  const failed = new Set<Upstream>();
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  for (const upstream of [...upstreams, ...upstreams]) {
    if (patience.aborted || failed.has(upstream)) continue;
    const answer = await askOne(query, kind, upstream, patience).catch(() => undefined);
    if (!answer) continue;
    if (!isFailure(answer)) return answer;
    failed.add(upstream);
    failure ??= answer;
  }
  return failure;
}

function isFailure(answer: Buffer): boolean {
  const code = responseCode(answer);
  return code === ResponseCode.SERVFAIL || code === ResponseCode.REFUSED || code === ResponseCode.NOTIMP;
}

/** Each question has a socket and so a port of its own, and an ID of its own: hard to guess for who would forge. */
async function askOne(query: Query, kind: SocketKind, to: Upstream, signal: AbortSignal): Promise<Buffer> {
  const connect = () => connectSocket(kind, to);
  const fd = to.namespace === undefined ? connect() : inNetworkNamespace(to.namespace, connect);
  const id = randomInt(0x10000);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const reader = new MessageReader();
  const socket = eventedSocket(fd, (chunk) => {
    const messages = kind === 'udp' ? [chunk] : reader.push(chunk);
    const answer = messages.find((message) => answers(message, id, query));
    if (answer) resolve(withId(answer, query.message.readUInt16BE(0)));
    return true;
  });
  const timer = setTimeout(() => reject(new Error('timeout')), timeoutMs);
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('closed')));
    const message = withId(query.message, id);
    socket.write(kind === 'udp' ? message : framed(message));
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

const timeoutMs = 2_000;
/** Below the 5 seconds after which most clients ask again. */
const patienceMs = 4_500;
