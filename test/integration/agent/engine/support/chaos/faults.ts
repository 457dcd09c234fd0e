import type { AgentLab } from '../agent-lab.js';
import { processesNaming } from '../processes.js';
import { fillDisk, freeDisk } from './full-disk.js';

/** What goes wrong in the middle of an operation. */
export interface Fault {
  readonly name: string;
  /** Whether the bystander goes, too. */
  readonly endsAll?: boolean;
  /** Before the operation. */
  begin?(lab: AgentLab): Promise<void>;
  /** Some time after the operation has begun. `spared` is the ID of a container that is to be left alone. */
  strike(lab: AgentLab, spared: string): Promise<void>;
}

const agent: Fault = {
  name: 'the agent is killed',
  async strike(lab) {
    await lab.endAgent('SIGKILL');
    await lab.startAgent();
  },
};
const agentAsked: Fault = {
  name: 'the agent is restarted',
  async strike(lab) {
    await lab.endAgent('SIGTERM');
    await lab.startAgent();
  },
};
const client: Fault = {
  name: 'the client is killed',
  async strike(lab) {
    lab.killClients();
  },
};
const monitor: Fault = {
  name: 'the monitor is killed',
  strike: (lab, spared) => killFirst(lab, 'conmon', spared),
};
const runtime: Fault = {
  name: 'the runtime is killed',
  strike: (lab, spared) => killFirst(lab, 'crun', spared),
};
const agentAndMonitor: Fault = {
  name: 'the agent is killed, and the monitor while it is away',
  async strike(lab, spared) {
    await lab.endAgent('SIGKILL');
    await killFirst(lab, 'conmon', spared);
    await lab.startAgent();
  },
};
const twice: Fault = {
  name: 'the agent is killed, and again while it starts',
  async strike(lab) {
    await lab.endAgent('SIGKILL');
    await lab.startAgent({ killedAfterMs: 150 });
    await lab.startAgent();
  },
};
const disk: Fault = {
  name: 'the disk is full',
  begin: fillDisk,
  strike: freeDisk,
};
const machine: Fault = {
  name: 'the machine loses its power',
  endsAll: true,
  strike: (lab) => lab.reboot(),
};

/** The more often named, the more often met. */
export const faults: readonly Fault[] = [
  ...[agent, agent, agent, agentAsked, agentAndMonitor, twice, monitor, monitor, runtime, runtime],
  ...[client, disk, disk, machine],
];

/** The first that is seen within a moment. */
async function killFirst(lab: AgentLab, program: string, spared: string): Promise<void> {
  const end = Date.now() + 250;
  while (Date.now() < end) {
    const found = await processesNaming(lab.directory);
    const victim = found.find(({ argv }) => argv[0]?.endsWith(program) && !argv.includes(spared));
    if (!victim) continue;
    try {
      process.kill(victim.pid, 'SIGKILL');
      return;
    } catch {
      // it was faster
    }
  }
}
