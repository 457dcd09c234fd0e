import { errorMessage } from '../../shared/errors.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import type { SocketKind } from '../kernel/network-namespace.js';
import type { NameDirectory } from './directory.js';
import { LocalNames } from './local-names.js';
import { encodeAnswer, encodeFailure, type Query, RecordType, ResponseCode } from './message.js';
import { NameServer } from './name-server.js';
import { HostResolvConf } from './resolv-conf.js';
import { askUpstreams, upstreamsOf } from './upstream.js';

/** A container whose processes ask 127.0.0.11. */
export interface NameClient {
  readonly id: string;
  /** Of a process in its network namespace. */
  readonly pid: number;
  /** The servers that were chosen for it (`--dns`), instead of the host's. */
  readonly servers: readonly string[];
  /** Its resolv.conf makes single names longer (`--dns-opt ndots:1`): those are not asked elsewhere. */
  readonly ndots: boolean;
}

/**
 * The name servers of all containers on networks with names. They live in this process: an agent that starts again
 * calls `start` for every container that runs, whose questions of the time between go unanswered.
 */
export class NameService implements Disposable {
  readonly #names: LocalNames;
  readonly #servers = new Map<string, NameServer>();
  readonly #host: HostResolvConf;
  readonly #log: Logger;

  constructor(
    directory: NameDirectory,
    options: { readonly logger?: Logger; readonly resolvConf?: string } = {},
  ) {
    this.#names = new LocalNames(directory);
    this.#host = new HostResolvConf(options.resolvConf);
    this.#log = options.logger ?? silentLogger;
  }

  /**
   * Serves a container from now on, in place of an earlier server of it. Throws what the kernel refuses, and ENOENT
   * without process.
   */
  start(client: NameClient): void {
    this.stop(client.id);
    this.#names.changed();
    const server = NameServer.start(client.pid, preferredPort(client.id), {
      local: (query, limit) => this.#local(client, query, limit),
      forward: (query, kind, namespace, signal) => this.#forward(client, { query, kind, namespace, signal }),
    });
    this.#servers.set(client.id, server);
  }

  /** Must come before the container's network namespace can go. Succeeds when it has no server. */
  stop(containerId: string): void {
    this.#servers.get(containerId)?.[Symbol.dispose]();
    this.#servers.delete(containerId);
  }

  isServing(containerId: string): boolean {
    return this.#servers.has(containerId);
  }

  /** Must be called after every change of what the directory tells; the next question sees it. */
  changed(): void {
    this.#names.changed();
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#servers.keys()]) this.stop(id);
  }

  #local({ id, ndots }: NameClient, query: Query, limit: number): Buffer | undefined {
    try {
      const answer = this.#names.answer(id, query, limit);
      if (answer) return answer;
      if (!this.#names.isExternal(id)) return encodeFailure(query, ResponseCode.SERVFAIL);
      return ndots && isSingleName(query) ? encodeAnswer(query, [], limit) : undefined;
    } catch (error) {
      this.#log.error('a name is not looked up', { container: id, error: errorMessage(error) });
      return encodeFailure(query, ResponseCode.SERVFAIL);
    }
  }

  async #forward({ servers }: NameClient, { query, kind, namespace, signal }: Forwarded): Promise<Buffer> {
    const host = await this.#host.read();
    const upstreams = upstreamsOf({ own: servers, host: host.servers }, namespace);
    const answer = await askUpstreams(query, kind, upstreams, signal);
    return answer ?? encodeFailure(query, ResponseCode.SERVFAIL);
  }
}

interface Forwarded {
  readonly query: Query;
  readonly kind: SocketKind;
  readonly namespace: number;
  readonly signal: AbortSignal;
}

function isSingleName({ name, type }: Query): boolean {
  return (type === RecordType.A || type === RecordType.AAAA) && !name.includes('.');
}

/** The same for each start, out of the range from which the kernel takes ports by itself. */
function preferredPort(containerId: string): number {
  return 61_000 + (Number.parseInt(containerId.slice(0, 8), 16) % 4_000 || 0);
}
