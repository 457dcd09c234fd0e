import { TsmachineError } from '../../../shared/errors.js';
import { parseNanoTime } from '../../../shared/nanotime.js';
import { renderLog } from '../../logs/render-log.js';
import { invalidOption, noStreams } from '../errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { isReadable, logDetails } from './log-config.js';

export interface LogsRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** What the log driver's options say to keep of labels, variables and tag. */
  readonly details: boolean;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly tail?: string | undefined;
}

export interface LogStream {
  readonly multiplexed: boolean;
  readonly source: AsyncIterable<Uint8Array>;
}

/** The container's log in Docker's shape. Throws LOG_STREAMS_MISSING before anything is read. */
export function containerLogs(
  { paths }: ContainerContext,
  container: Container,
  request: LogsRequest,
  signal: AbortSignal,
): LogStream {
  if (!request.stdout && !request.stderr) throw noStreams();
  if (!isReadable(container.record.hostConfig.LogConfig ?? {})) throw notReadable();
  const multiplexed = !container.record.config.Tty;
  const source = renderLog(paths.log(container.id), {
    multiplexed,
    timestamps: request.timestamps,
    details: request.details ? `${logDetails(container.record)} ` : undefined,
    stdout: request.stdout,
    stderr: request.stderr,
    tail: parseTail(request.tail),
    since: parseTime(request.since),
    until: parseTime(request.until),
    follow: request.follow && container.running,
    ended: ended(container, signal),
    signal,
  });
  return { multiplexed, source };
}

/** "all", a negative number and what is no number mean everything, as dockerd takes them. */
function parseTail(tail: string | undefined): number | undefined {
  return tail !== undefined && /^\d+$/.test(tail) ? Number(tail) : undefined;
}

/** "SECONDS[.NANOSECONDS]" since the epoch, or RFC 3339; 0 and nothing mean no limit. */
export function parseTime(text: string | undefined): bigint | undefined {
  if (text === undefined || text === '0') return undefined;
  const match = /^(-?\d+)(?:\.(\d{1,9})\d*)?$/.exec(text);
  const time = match
    ? BigInt(match[1] ?? 0) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'))
    : parseNanoTime(text);
  if (time === undefined) throw invalidOption(`failed to parse value as time or duration: "${text}"`);
  return time;
}

function ended(container: Container, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (!container.running) resolve();
  const finish = (): void => resolve();
  container.events.once('exit', finish);
  container.events.once('removed', finish);
  signal.addEventListener('abort', finish);
  return promise.finally(() => {
    container.events.off('exit', finish);
    container.events.off('removed', finish);
  });
}

function notReadable(): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'LOG_NOT_READABLE',
    'configured logging driver does not support reading',
  );
}
