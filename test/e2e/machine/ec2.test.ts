import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { sandboxGuests } from '../../support/ec2/guests.js';
import { killedCreate } from '../../support/ec2/killed-create.js';
import { accessTo, type Ec2Server, startEc2Server } from '../../support/ec2/server.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// A cloud that speaks EC2's protocol, whose instances are sandboxes booted with the user data that they are given.
const resources = new AsyncDisposableStack();
let server: Ec2Server;
let store: TestStore;
let docker: string;
let nothing: readonly string[];

beforeAll(async () => {
  const guests = resources.use(sandboxGuests());
  server = resources.use(await startEc2Server(guests));
  store = resources.use(await createTestStore());
  Object.assign(store.env, accessTo(server));
  docker = (await dockerClients())[0]?.path ?? '';
  nothing = server.cloud.everything();
});
afterAll(() => resources[Symbol.asyncDispose](), 120_000);

describe.each([
  ['an instance', 'demand', 'amazonec2', []],
  ['a spot instance', 'spot', 'ec2', ['--amazonec2-request-spot-instance']],
])('%s', (_, name, driver, flags) => {
  test('is created, serves docker, has another address after stop and start, and leaves nothing', async () => {
    await store.expectOk(['create', '--driver', driver, ...flags, name]);
    const first = await store.expectOk(['ip', name]);
    await loadImage(name);
    await expectDockerRuns(name);

    await store.expectOk(['stop', name]);
    expect(await store.expectOk(['status', name])).toBe('Stopped\n');
    await store.expectOk(['start', name]);
    const second = await store.expectOk(['ip', name]);
    expect(second).not.toBe(first);
    await expectDockerRuns(name);

    await store.expectOk(['restart', name]);
    expect(await store.expectOk(['ip', name])).toBe(second);
    await expectDockerRuns(name);

    const record = await readFile(join(store.path, 'machines', name, 'config.json'), 'utf8').catch(() => '');
    expect(record).not.toContain(server.account.secretAccessKey);
    await store.expectOk(['rm', '-y', name]);
    expect(server.cloud.everything()).toEqual(nothing);
    expect(await store.expectOk(['gc', '--dry-run', '--json', '-d', 'ec2'])).toBe('[]\n');
  }, 300_000);
});

test('a creation that is killed as the instance is launched is finished by --resume', async () => {
  await killedCreate(store, server, 'RunInstances', 'again');
  expect(JSON.parse(await store.expectOk(['ls', '--json']))).toMatchObject([
    { name: 'again', state: 'Creating', error: expect.stringContaining('create --resume again') },
  ]);

  await store.expectOk(['create', '--resume', 'again']);

  expect([...server.cloud.instances.values()].filter(({ state }) => state === 'running')).toHaveLength(1);
  await loadImage('again');
  await expectDockerRuns('again');
  await store.expectOk(['rm', '-y', 'again']);
  expect(server.cloud.everything()).toEqual(nothing);
}, 200_000);

async function loadImage(machine: string): Promise<void> {
  const env = await store.dockerEnv(machine);
  expect(await run([docker, 'load', '-i', await buildTinyImage(store.path)], { env })).toMatchObject({
    code: 0,
  });
}

async function expectDockerRuns(machine: string): Promise<void> {
  const env = await store.dockerEnv(machine);
  const outcome = await run([docker, 'run', '--rm', 'busybox', 'echo', 'hello'], { env, timeoutMs: 60_000 });
  expect(outcome).toMatchObject({ code: 0, stdout: 'hello\n' });
}
