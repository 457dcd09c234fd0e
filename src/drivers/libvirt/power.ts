import type { Reporter } from '../../shared/reporter.js';
import { waitUntil } from '../../shared/wait-until.js';
import type { MachineState } from '../driver.js';
import { stateOf } from './domain/find-domain.js';
import { domainNotRunning } from './errors.js';
import type { Domain } from './native/libvirt.js';
import { startDomain } from './start-domain.js';

/** docker-machine's patience with a guest that is asked to shut down. */
export const defaultShutdownMs = 90_000;
/** A guest that was still booting has not heard the first time. */
const askAgainMs = 10_000;
const pollMs = 250;

export interface PowerContext {
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Factor of all waiting; see `Driver.patience`. */
  readonly patience: number;
}

export interface PowerOffContext extends PowerContext {
  /** How long a guest may take to shut down, before `patience` is applied. */
  readonly shutdownMs: number;
}

/** From whatever state. Returns when the domain runs. */
export async function powerOn(domain: Domain, context: PowerContext): Promise<void> {
  const { signal } = context;
  const { state, problem } = await stateOf(domain, signal);
  if (state === 'running') return;
  if (state === 'paused') return await domain.resume({ signal });
  if (problem !== undefined) {
    context.reporter.warn(`"${domain.name}" is started anew: ${problem}`);
    await destroy(domain, signal);
  }
  if (state === 'stopping') await untilOff(domain, context, defaultShutdownMs * context.patience);
  await startDomain(domain, signal);
}

/** Returns when the domain is off; one that does not end by itself is ended. */
export async function powerOff(domain: Domain, context: PowerOffContext): Promise<void> {
  const { signal } = context;
  const { state, problem } = await stateOf(domain, signal);
  if (isOff(state)) return;
  if (problem !== undefined) return await kill(domain, signal);
  if (state === 'paused') await domain.resume({ signal }); // or it would not hear
  const timeoutMs = context.shutdownMs * context.patience;
  try {
    await untilOff(domain, context, timeoutMs);
  } catch (error) {
    signal.throwIfAborted();
    context.reporter.warn(`"${domain.name}" did not shut down within ${timeoutMs / 1000}s: switching it off`);
    context.reporter.debug(String(error));
    await kill(domain, signal);
  }
}

/** */
export async function kill(domain: Domain, signal: AbortSignal): Promise<void> {
  const { state } = await stateOf(domain, signal);
  if (!isOff(state)) await destroy(domain, signal);
}

/** Throws DOMAIN_NOT_RUNNING. */
export async function suspend(domain: Domain, signal: AbortSignal): Promise<void> {
  const { state } = await stateOf(domain, signal);
  if (state === 'paused') return;
  if (state !== 'running') throw domainNotRunning(domain.name, 'suspend');
  await domain.suspend({ signal });
}

/** Throws DOMAIN_NOT_RUNNING. */
export async function resume(domain: Domain, signal: AbortSignal): Promise<void> {
  const { state } = await stateOf(domain, signal);
  if (state === 'running') return;
  if (state !== 'paused') throw domainNotRunning(domain.name, 'resume');
  await domain.resume({ signal });
}

async function untilOff(domain: Domain, context: PowerContext, timeoutMs: number): Promise<void> {
  let askedAt = Number.NEGATIVE_INFINITY;
  await waitUntil(
    async () => {
      if (isOff((await stateOf(domain, context.signal)).state)) return true;
      if (performance.now() - askedAt < askAgainMs * context.patience) return undefined;
      askedAt = performance.now();
      // Refused where the guest has just ended, or its agent is busy: the next look tells.
      await domain.shutdown({ signal: context.signal }).catch((error) => {
        context.reporter.debug(String(error));
      });
      return undefined;
    },
    {
      what: `"${domain.name}" to shut down`,
      timeoutMs,
      intervalMs: pollMs,
      signal: context.signal,
    },
  );
}

/** The guest may end by itself just then. */
async function destroy(domain: Domain, signal: AbortSignal): Promise<void> {
  await domain.destroy({}, { signal }).catch(async (error) => {
    if (!isOff((await stateOf(domain, signal)).state)) throw error;
  });
}

function isOff(state: MachineState): boolean {
  return state === 'stopped' || state === 'saved';
}
