import type { TopResponse } from '../../../api/container.js';
import { run } from '../../kernel/spawn.js';
import { invalidOption, notRunning, psFailed, restarting } from '../errors.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';

/** `ps` of the host, narrowed to the processes of the container and its execs (moby daemon/top_unix.go). */
export async function containerTop(
  context: ContainerContext,
  container: Container,
  psArgs: string | undefined,
): Promise<TopResponse> {
  const { id, record, running } = container;
  const args = (psArgs || '-ef').split(/\s+/).filter(Boolean);
  refuseRenamedPid(psArgs ?? '');
  if (record.state.status === 'restarting') throw restarting(id);
  if (!running) throw notRunning(id);
  const pids = await context.runtime.processes(id);
  const list = toTable(await ps(args, pids), new Set(pids.map(String)));
  publish(context, container, 'top');
  return list;
}

/** A column under the name of PID that is another would let other processes through. */
function refuseRenamedPid(psArgs: string): void {
  for (const [, name = '', title = ''] of psArgs.matchAll(/\s+(\S*)=\s*(PID\S*)/g)) {
    if (name !== 'pid') throw invalidOption(`specifying "${name}=${title}" is not allowed`);
  }
}

/** ps is asked for these processes alone; arguments that exclude such a choice get all of them. */
async function ps(args: readonly string[], pids: readonly number[]): Promise<string> {
  const narrow = await run(['ps', ...args, `-q${pids.join(',')}`], { timeoutMs: 10_000 });
  if (narrow.code === 0) return narrow.stdout;
  const { code, stdout, stderr } = await run(['ps', ...args], { timeoutMs: 10_000 });
  if (code !== 0) throw psFailed(`ps: ${(stderr || stdout).split('\n', 1)[0]}`);
  return stdout;
}

function toTable(output: string, pids: ReadonlySet<string>): TopResponse {
  const [header = '', ...lines] = output.trimEnd().split('\n');
  const titles = header.trim().split(/\s+/);
  const pidColumn = titles.indexOf('PID');
  if (pidColumn === -1) throw psFailed("Couldn't find PID field in ps output");
  const rows = lines.map((line) => split(line, titles.length));
  // A thread or a command of several lines has "-" for its pid: it belongs to the process above it.
  let isWanted = false;
  const wanted = rows.filter((row) => {
    if (row[pidColumn] !== '-') isWanted = pids.has(row[pidColumn] ?? '');
    return isWanted;
  });
  return { Titles: titles, Processes: wanted };
}

/** The last column takes the rest of the line. */
function split(line: string, columns: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, columns - 1), words.slice(columns - 1).join(' ')];
}
