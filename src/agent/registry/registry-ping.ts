import { exchange, type HttpResponse } from './http-exchange.js';
import type { RegistryAgents } from './registry-agents.js';

export interface PingOptions {
  readonly base: URL;
  readonly agents: RegistryAgents;
  /** Plain HTTP will do when HTTPS does not work. */
  readonly insecure: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly stallMs: number;
}

/** Asks a registry whether it is one (OCI distribution-spec 1.1, end-1), and finds out what it speaks. */
export async function pingRegistry(
  options: PingOptions,
): Promise<{ readonly base: URL; readonly response: HttpResponse }> {
  const { base, insecure, signal } = options;
  try {
    return { base, response: await ask(base, options) };
  } catch (error) {
    signal.throwIfAborted();
    if (!insecure || base.protocol !== 'https:') throw error;
    const plain = new URL(`http://${base.host}`);
    return { base: plain, response: await ask(plain, options) };
  }
}

function ask(base: URL, { agents, headers, signal, stallMs }: PingOptions): Promise<HttpResponse> {
  const url = new URL('/v2/', base);
  const agent = agents.for(url);
  return exchange({ method: 'GET', url, ...(headers && { headers }), agent, signal, deadlineMs: stallMs });
}
