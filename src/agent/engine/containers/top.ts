import { readFile } from 'node:fs/promises';
import type { TopResponse } from '../../../api/container.js';
import { run } from '../../../shared/spawn.js';
import { invalidOption, notRunning, restarting } from '../errors.js';
import type { Container } from './container.js';

/** `ps` of the host, narrowed to the container's processes: those of its pid namespace. */
export async function containerTop(container: Container, psArgs: string | undefined): Promise<TopResponse> {
  const { id, record, running } = container;
  if (record.state.status === 'restarting') throw restarting(id);
  if (!running) throw notRunning(id);
  const args = (psArgs || '-ef').split(/\s+/).filter(Boolean);
  if (args.some((arg) => !/^[\w,=:%.-]+$/.test(arg))) throw invalidOption('invalid ps arguments');
  const { code, stdout, stderr } = await run(['ps', ...args], { timeoutMs: 10_000 });
  if (code !== 0) throw invalidOption(`ps: ${stderr.trim()}`);
  const [header = '', ...lines] = stdout.trimEnd().split('\n');
  const titles = header.trim().split(/\s+/);
  const pidColumn = titles.indexOf('PID');
  if (pidColumn === -1) throw invalidOption("Couldn't find PID field in ps output");
  const pids = await processesOf(record.state.pid);
  const rows = lines.map((line) => split(line, titles.length));
  return { Titles: titles, Processes: rows.filter((row) => pids.has(row[pidColumn] ?? '')) };
}

/** All descendants of the first process, itself included (proc_pid_task(5), children). */
async function processesOf(first: number): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const pending = [String(first)];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    found.add(pid);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    pending.push(...children.split(' ').filter(Boolean));
  }
  return found;
}

/** The last column takes the rest of the line. */
function split(line: string, columns: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, columns - 1), words.slice(columns - 1).join(' ')];
}
