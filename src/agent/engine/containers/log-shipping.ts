import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFileAtomically } from '../../../shared/atomic-file.js';
import { errorMessage } from '../../../shared/errors.js';
import { shortId } from '../../../shared/identifiers.js';
import type { LogEntry } from '../../logs/log-entry.js';
import { readLog } from '../../logs/read-log.js';
import { journalEntry, journalFieldName, journalSocket } from '../../logs/ship/journal.js';
import { type LogSink, openSink, type SinkAddress } from '../../logs/ship/log-sink.js';
import { syslogMessage } from '../../logs/ship/syslog.js';
import { loggingNotStarted } from '../errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { isShipped, logAttributes, logTag, syslogOptionsOf } from './log-config.js';
import type { ContainerRecord } from './record.js';

/** Before a start: whether the receiver is there. Throws LOGGING_NOT_STARTED. */
export async function checkLogReceiver({ record }: Container): Promise<void> {
  if (!isShipped(record.hostConfig.LogConfig ?? {})) return;
  const { address } = shipment(record);
  await openSink(address, AbortSignal.timeout(openTimeoutMs)).then(
    (sink) => sink[Symbol.dispose](),
    (error) => {
      throw loggingNotStarted(error);
    },
  );
}

/**
 * Sends what a run that has begun writes. The monitor's file is what is read, so nothing is lost while the receiver or
 * the agent is away; after an agent was killed the last moment's lines may come twice.
 */
export function shipLog(context: ContainerContext, container: Container): void {
  if (!isShipped(container.record.hostConfig.LogConfig ?? {})) return;
  const before = container.shipping ?? Promise.resolve();
  const ended = endOf(container);
  const gone = new AbortController();
  container.events.once('removed', () => gone.abort());
  container.shipping = before.then(() =>
    shipUntilSent(context, container, ended, gone.signal).catch((error) => {
      if (gone.signal.aborted) return;
      context.log.error('log is not sent', { container: container.id, error: errorMessage(error) });
    }),
  );
}

/** Before a container goes: the receiver may be slow, but not for ever. */
export async function waitForShipping({ shipping }: Container): Promise<void> {
  if (shipping) await Promise.race([shipping, delay(lastWaitMs, undefined, { ref: false })]);
}

async function shipUntilSent(
  context: ContainerContext,
  container: Container,
  ended: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 30_000)) {
    try {
      using sink = await openSink(shipment(container.record).address, signal);
      waitMs = 500;
      await ship(context, container, sink, ended, signal);
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      context.log.warn('log waits for its receiver', { container: container.id, error: errorMessage(error) });
      await delay(waitMs, undefined, { signal, ref: false });
    }
  }
}

async function ship(
  { paths }: ContainerContext,
  { id, record }: Container,
  sink: LogSink,
  ended: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { format } = shipment(record);
  const position = new Position(paths.shipped(id), await readPosition(paths.shipped(id)));
  const options = { stdout: true, stderr: true, since: position.time + 1n, follow: true, ended, signal };
  try {
    for await (const entry of readLog(paths.log(id), options)) {
      await sink.write(format(entry));
      position.move(entry.time);
    }
  } finally {
    if (!signal.aborted) await position.write();
  }
}

interface Shipment {
  readonly address: SinkAddress;
  format(entry: LogEntry): Buffer;
}

function shipment(record: ContainerRecord): Shipment {
  const config = record.hostConfig.LogConfig ?? {};
  const tag = logTag(record);
  if (config.Type === 'journald') {
    const fields = journalFields(record, tag);
    return {
      address: { transport: 'unixgram', path: journalSocket },
      format: (entry) => journalEntry(entry, fields),
    };
  }
  const options = syslogOptionsOf(config);
  const name = { tag, hostname: hostname() };
  return { address: options.address, format: (entry) => syslogMessage(entry, options, name) };
}

/** Docker's (daemon/logger/journald). */
function journalFields(record: ContainerRecord, tag: string): Readonly<Record<string, string>> {
  const attributes = Object.entries(logAttributes(record)).map(([name, value]) => [
    journalFieldName(name),
    value,
  ]);
  return {
    ...Object.fromEntries(attributes.filter(([name]) => name !== '')),
    CONTAINER_ID: shortId(record.id),
    CONTAINER_ID_FULL: record.id,
    CONTAINER_NAME: record.name,
    CONTAINER_TAG: tag,
    IMAGE_NAME: record.config.Image ?? '',
    SYSLOG_IDENTIFIER: tag,
  };
}

/** The time of the last entry that was sent; on disk a moment later. */
class Position {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;
  time: bigint;

  constructor(path: string, time: bigint) {
    this.#path = path;
    this.time = time;
  }

  move(time: bigint): void {
    this.time = time;
    this.#timer ??= setTimeout(() => void this.write().catch(() => {}), 100).unref(); // the next one tells
  }

  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await writeFileAtomically(this.#path, `${this.time}\n`);
  }
}

async function readPosition(path: string): Promise<bigint> {
  const text = await readFile(path, 'utf8').catch(() => '0');
  return /^\d+\n?$/.test(text) ? BigInt(text.trim()) : 0n;
}

function endOf(container: Container): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (!container.running) resolve();
  container.events.once('exit', () => resolve());
  return promise;
}

const openTimeoutMs = 5_000;
const lastWaitMs = 2_000;
