import { containerLogs, inspectContainer, type LogsOptions } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { copyOutput, type Output } from './stdio-session.js';

/** Prints a container's log, and with `follow` what it goes on to write, until it ends or the signal aborts. */
export async function showLogs(
  client: EngineClient,
  container: string,
  options: LogsOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { Id, Config } = await inspectContainer(client, container, signal);
  const log = await containerLogs(client, Id, options, signal);
  const onAbort = () => log.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await copyOutput(log, output, Config.Tty);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    log.destroy();
  }
}
