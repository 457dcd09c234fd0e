import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentLab, type Outcome } from './support/agent-lab.js';
import { processesNaming } from './support/processes.js';
import { readTraces } from './support/traces.js';

/** More of them, and other ones, by the environment. */
const rounds = Number(process.env['CHAOS_ROUNDS'] ?? 40);
const seed = Number(process.env['CHAOS_SEED'] ?? 1);

let lab: AgentLab;
const known = new Set<string>();
const random = generator(seed);

beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

test(`nothing is lost or left when agent, monitor or runtime is killed in ${rounds} operations`, async () => {
  await lab.docker(['run', '-d', '--name', 'bystander', 'busybox', 'sleep', 'infinity']);
  for (let round = 0; round < rounds; round += 1) {
    const operation = pick(operations);
    const victim = pick(victims);
    const afterMs = Math.floor(random() * 120);
    const what = `round ${round} of seed ${seed}: ${operation.name} with ${victim.name} killed after ${afterMs} ms`;
    const prepared = await operation.prepare(`r${round}`);
    const outcome = operation.run(`r${round}`, prepared);
    await delay(afterMs);
    await victim.kill();
    await outcome;
    await consistent(what);
    expect({ what, bystander: await stateOf('bystander', '{{.State.Status}} {{.RestartCount}}') }).toEqual({
      what,
      bystander: 'running 0',
    });
    await lab.docker(['rm', '-f', '-v', `r${round}`]);
    await consistent(`${what}, then removed`);
  }
}, 600_000);

interface Operation {
  readonly name: string;
  prepare(container: string): Promise<Outcome | undefined>;
  run(container: string, prepared: Outcome | undefined): Promise<Outcome>;
}

const sleeper = ['-p', '80', '-v', '/data', 'busybox', 'sleep', '1000'];
const started = (name: string) => lab.docker(['run', '-d', '--name', name, ...sleeper]);
const nothing = async (): Promise<undefined> => undefined;

const operations: readonly Operation[] = [
  { name: 'create', prepare: nothing, run: (name) => lab.docker(['create', '--name', name, ...sleeper]) },
  { name: 'run', prepare: nothing, run: started },
  {
    name: 'run --rm',
    prepare: nothing,
    run: (name) => lab.docker(['run', '--rm', '--name', name, 'busybox', 'sh', '-c', 'sleep 0.1; exit 3']),
  },
  {
    name: 'start',
    prepare: (name) => lab.docker(['create', '--name', name, ...sleeper]),
    run: (name) => lab.docker(['start', name]),
  },
  { name: 'exec', prepare: started, run: (name) => lab.docker(['exec', name, 'sleep', '0.1']) },
  { name: 'stop', prepare: started, run: (name) => lab.docker(['stop', '-t', '0', name]) },
  { name: 'restart', prepare: started, run: (name) => lab.docker(['restart', '-t', '0', name]) },
  { name: 'rm -f', prepare: started, run: (name) => lab.docker(['rm', '-f', '-v', name]) },
];

const victims = [
  {
    name: 'the agent',
    kill: async () => {
      await lab.endAgent('SIGKILL');
      await lab.startAgent();
    },
  },
  { name: 'the monitor', kill: () => killFirst('conmon') },
  { name: 'the runtime', kill: () => killFirst('crun') },
];

/** The first that is seen within a moment; the bystander's is spared. */
async function killFirst(program: string): Promise<void> {
  const spared = await stateOf('bystander', '{{.Id}}');
  const end = Date.now() + 250;
  while (Date.now() < end) {
    const found = await processesNaming(lab.directory);
    const victim = found.find(({ argv }) => argv[0]?.endsWith(program) && !argv.includes(spared));
    if (victim) {
      try {
        process.kill(victim.pid, 'SIGKILL');
      } catch {
        continue; // it was faster
      }
      return;
    }
  }
}

/** Waits until agent, kernel and disk agree, and says where they do not. */
async function consistent(what: string): Promise<void> {
  const end = Date.now() + 15_000;
  for (;;) {
    const { expected, actual } = await compare();
    if (JSON.stringify(expected) === JSON.stringify(actual)) return;
    if (Date.now() > end) {
      expect({ what, ...actual }).toEqual({ what, ...expected });
      return;
    }
    await delay(100);
  }
}

async function compare() {
  for (const id of (await lab.docker(['ps', '-aq', '--no-trunc'])).stdout.split('\n')) if (id) known.add(id);
  const listed = (await lab.docker(['ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.State}}'])).stdout;
  const states = listed.split('\n').filter(Boolean).sort();
  const all = states.map((line) => line.slice(0, 64));
  const running = states.filter((line) => line.endsWith(' running')).map((line) => line.slice(0, 64));
  for (const id of all) known.add(id);
  const actual = await readTraces(lab, known);
  const alive = await Promise.all(running.map(isAlive));
  const expected = {
    monitors: running,
    cgroups: running,
    bundles: running,
    runtimeStates: running,
    monitorFiles: running,
    mounts: running,
    endpoints: running,
    links: running.length,
    records: all,
    layers: all,
    unfinished: [],
  };
  return {
    expected: { ...expected, states: states.map(settled), alive: running.map(() => true) },
    actual: { ...actual, states, alive },
  };
}

/** No state that only lasts while something is done. */
function settled(line: string): string {
  return line.replace(/ (removing|restarting|dead)$/, ' settled');
}

async function isAlive(id: string): Promise<boolean> {
  const pid = await stateOf(id, '{{.State.Pid}}');
  const command = await readFile(join('/proc', pid, 'cmdline'), 'latin1').catch(() => '');
  return command.startsWith('sleep');
}

async function stateOf(name: string, format: string): Promise<string> {
  return (await lab.docker(['inspect', '-f', format, name])).stdout.trim();
}

function pick<T>(from: readonly T[]): T {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

/** mulberry32: the same sequence for the same seed. */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
