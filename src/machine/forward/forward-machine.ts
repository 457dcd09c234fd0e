import { once } from 'node:events';
import type { EngineClient } from '../../api/client/engine-client.js';
import type { Clock } from '../../shared/clock.js';
import { errorMessage } from '../../shared/errors.js';
import type { SshConnection } from '../../ssh/transport.js';
import { autoForward, type ForwardEvents } from './auto-forward.js';
import { openListener } from './local-listener.js';
import type { PortForward } from './port-spec.js';
import { Tunnel } from './tunnel.js';

export interface ForwardRequest {
  /** Undefined: what is published, as it is published. */
  readonly ports: readonly PortForward[] | undefined;
  /** To listen on. */
  readonly address: string;
  readonly events: ForwardEvents;
}

export interface ForwardContext {
  connect(): Promise<SshConnection>;
  /** Disposed by the caller; asked only where ports are not given. */
  client(): Promise<EngineClient>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Carries connections to a machine until the signal aborts; then nothing is left open. Throws what connecting throws,
 * LOCAL_PORT_UNAVAILABLE.
 */
export async function forwardMachine(request: ForwardRequest, context: ForwardContext): Promise<void> {
  const { address, events, ports } = request;
  const { signal, clock } = context;
  await using tunnel = new Tunnel(() => context.connect());
  await tunnel.open();
  if (!ports) {
    using client = await context.client();
    return await autoForward({ client, tunnel, address, clock, signal, events });
  }
  await using listeners = new AsyncDisposableStack();
  for (const { local, remote } of ports) {
    const target = { host: '127.0.0.1', port: remote };
    const dial = () => tunnel.dial(target, signal);
    const failed = (error: unknown) => events.refused(errorMessage(error));
    listeners.use(await openListener({ address, port: local, dial, failed }));
    events.opened({ local, remote });
  }
  if (!signal.aborted) await once(signal, 'abort');
}
