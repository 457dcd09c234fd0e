import { readdir, readFile } from 'node:fs/promises';

/** A process of this machine, by what it was started with. */
export interface Process {
  readonly pid: number;
  readonly argv: readonly string[];
}

/** All processes whose command line names `text`, zombies not. */
export async function processesNaming(text: string): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
      return line.includes(text) ? [{ pid: Number(pid), argv: line.split('\0').slice(0, -1) }] : [];
    }),
  );
  return found.flat();
}
