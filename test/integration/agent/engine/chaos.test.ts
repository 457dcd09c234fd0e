import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../../support/random.js';
import { AgentLab } from './support/agent-lab.js';
import { type Fault, faults } from './support/chaos/faults.js';
import { Invariants } from './support/chaos/invariants.js';
import { namesAfter, networkName, operations } from './support/chaos/operations.js';

/** By the environment as many rounds as it says, and other ones; otherwise those that fit into a minute. */
const asked = process.env['TSMACHINE_CHAOS_ROUNDS'];
const rounds = Number(asked ?? 60);
const seed = Number(process.env['TSMACHINE_CHAOS_SEED'] ?? 1);
const enoughMs = asked === undefined ? 60_000 : Number.POSITIVE_INFINITY;

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start({}, '64m');
});
afterAll(() => lab[Symbol.asyncDispose]());

test(
  `nothing is lost or left, whatever fails in ${rounds} operations`,
  async () => {
    const random = new Random(seed);
    const invariants = new Invariants(lab);
    await lab.docker(['network', 'create', networkName]);
    await lab.docker(['run', '-d', '--name', 'bystander', 'busybox', 'sleep', 'infinity']);
    const began = Date.now();
    for (let round = 0; round < rounds && Date.now() - began < enoughMs; round += 1) {
      const name = `r${round}`;
      const operation = random.pick(operations);
      const fault = random.pick(faults);
      const afterMs = random.below(120);
      const what = `round ${round} of seed ${seed}: ${fault.name} ${afterMs} ms after the begin of ${operation.name}`;
      await operation.prepare(lab, name);
      await fault.begin?.(lab);
      const outcome = operation.run(lab, name);
      await delay(afterMs);
      await fault.strike(lab, await bystander('{{.Id}}'));
      await outcome;
      await invariants.hold(what);
      await expectBystander(fault, what);
      await lab.docker(['rm', '-f', '-v', ...namesAfter(name)]);
      await invariants.hold(`${what}, then removed`);
    }
  },
  180_000 + rounds * 30_000,
);

/** Where everything ended it has ended as after a reboot, and can be started again. */
async function expectBystander(fault: Fault, what: string): Promise<void> {
  const state = await bystander('{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}');
  expect({ what, state }).toEqual({ what, state: fault.endsAll ? 'exited 255 0' : 'running 0 0' });
  if (fault.endsAll) await lab.docker(['start', 'bystander']);
}

async function bystander(format: string): Promise<string> {
  return (await lab.docker(['inspect', '-f', format, 'bystander'])).stdout.trim();
}
