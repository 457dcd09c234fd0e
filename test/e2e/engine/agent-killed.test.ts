import { run } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

const kills = 20;

let store: TestStore;
let docker: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  store = await createTestStore();
  docker = (await dockerClients())[0]?.path ?? 'docker';
  await store.expectOk(['create', 'killed'], { timeoutMs: 300_000 });
  env = await store.dockerEnv('killed');
  const image = await buildTinyImage(store.path);
  await run([docker, 'load', '-i', image], { env });
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test(`no container, exit code or log is lost when the agent is killed ${kills} times under load`, async () => {
  const forever = await started('forever', 'i=0; while :; do echo line $i; i=$((i+1)); sleep 0.1; done');
  const expected = new Map<string, number>();
  let round = 0;

  for (; round < kills; round += 1) {
    // Some end before the kill, some while the agent is dead, some after it is back.
    for (const [nth, delay] of [0, 0.3, 1.5].entries()) {
      const code = (round * 3 + nth) % 100;
      const id = await started(
        `r${round}-${nth}`,
        `echo begin; sleep ${delay}; echo end ${code}; exit ${code}`,
      );
      expected.set(id, code);
    }
    await killAgent();
    await answered();
  }

  for (const [id, code] of expected) {
    expect({ id, code: (await dockerOk('wait', id)).trim() }).toEqual({ id, code: String(code) });
    expect(await dockerOk('logs', id)).toBe(`begin\nend ${code}\n`);
  }
  const names = (await dockerOk('ps', '-a', '--format', '{{.Names}}')).split('\n').filter(Boolean);
  expect(names.length).toBe(kills * 3 + 1);
  const lines = (await dockerOk('logs', forever)).trim().split('\n');
  expect(lines).toEqual(lines.map((_, index) => `line ${index}`));
  expect((await dockerOk('inspect', '--format', '{{.State.Running}}', forever)).trim()).toBe('true');
  await dockerOk('rm', '-f', forever);
}, 300_000);

async function started(name: string, script: string): Promise<string> {
  return (await dockerOk('run', '-d', '--name', name, 'busybox', 'sh', '-c', script)).trim();
}

async function dockerOk(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run([docker, ...args], { env, timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** By the process id that the host's service knows; the service starts it again. */
async function killAgent(): Promise<void> {
  // The brackets keep the pattern from finding the shell that looks for it.
  const find = "grep -alE '[a]gent.mjs.serve' /proc/[0-9]*/cmdline | cut -d/ -f3";
  const pids = (await store.expectOk(['ssh', 'killed', find])).split('\n').filter(Boolean);
  expect(pids.length).toBeGreaterThan(0);
  await store.expectOk(['ssh', 'killed', `kill -9 ${pids.join(' ')}`]);
}

async function answered(): Promise<void> {
  await waitUntil(async () => ((await run([docker, 'version'], { env })).code === 0 ? true : undefined), {
    what: 'the agent to answer again',
    timeoutMs: 30_000,
  });
}
