import type { Readable } from 'node:stream';
import { errorMessage } from '../../../../shared/errors.js';
import { randomId } from '../../../../shared/identifiers.js';
import type { ExecSession } from '../../../runtime/runtime.js';
import type { Container } from '../container.js';
import { type ContainerContext, publish } from '../context.js';
import { execProcess, runningSpec } from '../exec-process.js';
import type { HealthPlan } from './healthcheck.js';

export interface ProbeOutcome {
  /** −1 when it took too long or could not be run. */
  readonly exitCode: number;
  readonly output: string;
}

/** Bytes of output that the log of probes keeps of each. */
const longestOutput = 4096;

/** Runs the check once, as an exec of the container's user. Never rejects; the signal kills the process. */
export async function probe(
  context: ContainerContext,
  container: Container,
  plan: HealthPlan,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const deadline = AbortSignal.timeout(plan.timeoutMs);
  try {
    const session = await begin(context, container, plan);
    using _killer = killOnAbort(session.pid, AbortSignal.any([signal, deadline]));
    const output = collect(session);
    const exitCode = await session.exited;
    publish(context, container, 'exec_die', { execID: session.id, exitCode: String(exitCode) });
    const text = await output;
    return deadline.aborted ? tooLong(plan, text) : { exitCode, output: text };
  } catch (error) {
    return { exitCode: -1, output: errorMessage(error) };
  }
}

type Session = ExecSession & { readonly id: string };

async function begin(
  context: ContainerContext,
  container: Container,
  { argv }: HealthPlan,
): Promise<Session> {
  const id = randomId();
  const spec = await runningSpec(context, container);
  publish(context, container, `exec_create: ${argv.join(' ')}`, { execID: id });
  publish(context, container, `exec_start: ${argv.join(' ')}`, { execID: id });
  const session = await context.runtime.exec({
    containerId: container.id,
    execId: id,
    process: await execProcess(spec, container.record, { Cmd: argv }, context.host.capabilities),
    openStdin: false,
    idMap: container.record.idMap,
  });
  return { ...session, id };
}

function killOnAbort(pid: number, signal: AbortSignal): Disposable {
  const kill = (): void => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended in this moment
    }
  };
  if (signal.aborted) kill();
  signal.addEventListener('abort', kill);
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', kill) };
}

/** Both streams as they come. */
async function collect({ attachment: { stdout, stderr } }: ExecSession): Promise<string> {
  const chunks: Buffer[] = [];
  const read = async (stream: Readable): Promise<void> => {
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  };
  await Promise.allSettled([read(stdout), read(stderr)]);
  const all = Buffer.concat(chunks);
  const text = all.subarray(0, longestOutput).toString();
  return all.length > longestOutput ? `${text}...` : text;
}

function tooLong({ timeoutMs }: HealthPlan, output: string): ProbeOutcome {
  const words = `Health check exceeded timeout (${goDuration(timeoutMs)})`;
  return { exitCode: -1, output: output ? `${words}: ${output}` : words };
}

/** As Go prints a time.Duration: "1m30s", "500ms". */
export function goDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const seconds = milliseconds / 1000;
  const [hours, minutes, rest] = [
    Math.trunc(seconds / 3600),
    Math.trunc((seconds % 3600) / 60),
    seconds % 60,
  ];
  const tail = `${Number(rest.toFixed(3))}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}
