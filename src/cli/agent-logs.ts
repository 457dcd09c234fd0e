import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { agentLogCommand } from '../provision/agent-log.js';
import { TsmachineError } from '../shared/errors.js';
import type { SshConnection } from '../ssh/transport.js';
import { flagInvalid } from './docker/errors.js';

export interface AgentLogsRequest {
  readonly follow: boolean;
  /** A number, or "all". */
  readonly tail: string;
  /** Seconds since the epoch, as docker's flags are read. */
  readonly since: string | undefined;
  readonly until: string | undefined;
}

/** Prints what a machine's agent has written; with `follow` until the signal aborts. Throws AGENT_LOG_UNREADABLE. */
export async function showAgentLogs(
  connection: SshConnection,
  request: AgentLogsRequest,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  const lines = numberOfLines(request.tail);
  const isTimed = request.since !== undefined || request.until !== undefined;
  // Of a span of time the last lines are counted here, where the times are read.
  const command = agentLogCommand({ follow: request.follow, lines: isTimed ? undefined : lines });
  const session = await connection.open(command, { signal });
  session.stdin.end();
  let said = '';
  session.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await printLines(session.stdout, request, isTimed ? lines : undefined, output);
  const code = await session.exited;
  if (signal.aborted && request.follow) return;
  signal.throwIfAborted();
  if (code !== 0) throw logUnreadable(said.trim() || `exit ${code}`);
}

async function printLines(
  stream: Readable,
  request: AgentLogsRequest,
  last: number | undefined,
  output: Writable,
): Promise<void> {
  const isWanted = timeFilter(request);
  const kept: string[] = [];
  // The event, not the iterator, which would destroy the channel before its exit code.
  const reader = createInterface({ input: stream });
  reader.on('line', (line) => {
    if (!isWanted(line)) return;
    if (last === undefined || request.follow) output.write(`${line}\n`);
    else kept.push(line);
  });
  await new Promise((resolve) => reader.once('close', resolve));
  const shown = last === undefined ? [] : kept.slice(Math.max(0, kept.length - last));
  for (const line of shown) output.write(`${line}\n`);
}

/** A line without a time (a crash's trace) belongs to the one before it. */
function timeFilter({ since, until }: AgentLogsRequest): (line: string) => boolean {
  const from = since === undefined ? -Infinity : Number(since) * 1000;
  const to = until === undefined ? Infinity : Number(until) * 1000;
  let isWanted = from === -Infinity;
  return (line) => {
    const time = Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '');
    if (!Number.isNaN(time)) isWanted = time >= from && time <= to;
    return isWanted;
  };
}

function numberOfLines(tail: string): number | undefined {
  if (tail === 'all') return undefined;
  if (!/^\d+$/.test(tail)) throw flagInvalid('--tail', tail, 'write a number of lines, or all');
  return Number(tail);
}

function logUnreadable(why: string): TsmachineError {
  return new TsmachineError('internal', 'AGENT_LOG_UNREADABLE', `cannot read the log of the agent: ${why}`);
}
