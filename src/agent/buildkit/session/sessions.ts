import type { Duplex } from 'node:stream';
import { GrpcClient } from '../../../grpc/client.js';
import { sessionNotFound } from '../errors.js';
import { Rendezvous } from '../rendezvous.js';

export interface SessionInfo {
  readonly id: string;
  /** The same for builds of the same directory by the same client; empty for none. */
  readonly sharedKey: string;
  /** That the client offers: "/moby.filesync.v1.FileSync/DiffCopy". */
  readonly methods: readonly string[];
}

/** A client that offers services for the time of its builds. */
export class Session {
  readonly info: SessionInfo;
  readonly client: GrpcClient;

  constructor(info: SessionInfo, client: GrpcClient) {
    this.info = info;
    this.client = client;
  }

  supports(method: string): boolean {
    return this.info.methods.some((each) => each.toLowerCase() === method.toLowerCase());
  }
}

/** A build may be asked for before its session is there. */
const patienceMs = 5_000;

export class Sessions {
  readonly #open = new Rendezvous<Session>(patienceMs, sessionNotFound);

  /** Resolves when the client has left. */
  async serve(connection: Duplex, info: SessionInfo): Promise<void> {
    const session = new Session(info, new GrpcClient(connection));
    this.#open.put(info.id, session);
    await session.client.closed;
    this.#open.remove(info.id, session);
  }

  /** Throws SESSION_NOT_FOUND when it does not come in time. */
  get(id: string, signal: AbortSignal): Promise<Session> {
    return this.#open.get(id, signal);
  }
}
