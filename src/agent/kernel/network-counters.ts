import { readFile } from 'node:fs/promises';

/** The counters of one network interface. */
export interface NetworkCounters {
  readonly name: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receiveErrors: number;
  readonly receiveDrops: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sendErrors: number;
  readonly sendDrops: number;
}

/** Of all interfaces but lo in the network namespace of a process (proc_pid_net(5)); none when it is gone. */
export async function networkCounters(pid: number): Promise<readonly NetworkCounters[]> {
  const text = await readFile(`/proc/${pid}/net/dev`, 'utf8').catch(() => '');
  return parseNetDev(text).filter(({ name }) => name !== 'lo');
}

/** Two lines of headings, then "eth0: " and sixteen numbers each. */
export function parseNetDev(text: string): readonly NetworkCounters[] {
  return text
    .split('\n')
    .slice(2)
    .filter((line) => line.includes(':'))
    .map((line) => {
      const at = line.lastIndexOf(':');
      const n = line
        .slice(at + 1)
        .trim()
        .split(/\s+/)
        .map(Number);
      return {
        name: line.slice(0, at).trim(),
        receivedBytes: n[0] ?? 0,
        receivedPackets: n[1] ?? 0,
        receiveErrors: n[2] ?? 0,
        receiveDrops: n[3] ?? 0,
        sentBytes: n[8] ?? 0,
        sentPackets: n[9] ?? 0,
        sendErrors: n[10] ?? 0,
        sendDrops: n[11] ?? 0,
      };
    });
}
