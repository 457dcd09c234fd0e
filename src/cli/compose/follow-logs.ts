import { containerLogs, inspectContainer, type LogsOptions } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { FrameDecoder } from '../../api/multiplex.js';
import { LineCutter, type LogPrinter } from './log-printer.js';

export interface LogSource {
  readonly client: EngineClient;
  readonly id: string;
  /** What its lines are marked with. */
  readonly name: string;
}

/** Prints a container's log, and with `follow` what it writes until it ends. */
export async function printLogs(
  { client, id, name }: LogSource,
  options: LogsOptions,
  printer: LogPrinter,
  signal: AbortSignal,
): Promise<void> {
  const { Config } = await inspectContainer(client, id, signal);
  const log = await containerLogs(client, id, options, signal);
  const onAbort = () => log.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  const cutter = new LineCutter((stream, line) => printer.line(name, stream, line));
  const decoder = new FrameDecoder();
  try {
    for await (const chunk of log) {
      if (Config.Tty) cutter.push('stdout', chunk);
      else for (const { stream, payload } of decoder.push(chunk)) cutter.push(stream, payload);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    log.destroy();
    cutter.end();
  }
}

/** "web-1" of "app-web-1"; a name that the user chose stays as it is. */
export function shortName(project: string, name: string): string {
  return name.startsWith(`${project}-`) ? name.slice(project.length + 1) : name;
}
