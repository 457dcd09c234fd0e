import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endedEc2Create, killedCreate } from '../../support/ec2/killed-create.js';
import { accessTo, type Ec2Server, startEc2Server } from '../../support/ec2/server.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// The command is killed when the provider has done its part and before it could say so.
const resources = new AsyncDisposableStack();
let server: Ec2Server;
let store: TestStore;
let nothing: readonly string[];

beforeAll(async () => {
  server = resources.use(await startEc2Server());
  store = resources.use(await createTestStore());
  Object.assign(store.env, accessTo(server));
  nothing = server.cloud.everything();
});
afterAll(() => resources[Symbol.asyncDispose](), 60_000);

/** Everything that create asks of the provider, in its order. */
const actions = [
  'DescribeInstanceTypes',
  'DescribeVpcs',
  'DescribeImages',
  'DescribeSubnets',
  'ImportKeyPair',
  'DescribeSecurityGroups',
  'CreateSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  'RunInstances',
  'DescribeInstances',
];

test.each(actions)('after create was killed at %s, rm leaves nothing at the provider', async (at) => {
  await killedCreate(store, server, at, 'web', ['--ec2-request-spot-instance']);

  await expectRemovable('web');
});

test.each(
  actions.map((at, index) => ({ at, by: index % 2 === 0 ? ('SIGINT' as const) : ('SIGTERM' as const) })),
)(
  'after create was ended by $by at $at, ls shows what there is and rm leaves nothing',
  async ({ at, by }) => {
    const { code } = await endedEc2Create(store, server, { at, by, name: 'web' });

    expect(code).toBe(130);
    await expectRemovable('web');
  },
);

/** What the provider has is shown by ls, and gone after rm. */
async function expectRemovable(name: string): Promise<void> {
  const listed: readonly { name: string }[] = JSON.parse(await store.expectOk(['ls', '--json']));
  if (server.cloud.everything().length > nothing.length) expect(listed).toMatchObject([{ name }]);
  if (listed.length > 0) await store.expectOk(['rm', '-y', name]);
  expect(server.cloud.everything()).toEqual(nothing);
  expect(await store.expectOk(['ls', '--json'])).toBe('[]\n');
}

test('what a machine has left whose record is lost is found and removed by gc', async () => {
  await killedCreate(store, server, 'DescribeInstances', 'lost');
  server.faults.push({ action: '*', code: 'UnauthorizedOperation', times: 99 });
  await store.expectOk(['rm', '--force', 'lost']);
  server.faults.length = 0;

  const found: readonly { kind: string }[] = JSON.parse(
    await store.expectOk(['gc', '--driver', 'ec2', '-y', '--json']),
  );

  expect(found.map(({ kind }) => kind)).toEqual(['instance', 'key pair', 'security group']);
  expect(server.cloud.everything()).toEqual(nothing);
});

test('secret gives a machine another key, which no record and no output shows, and forgets it', async () => {
  await killedCreate(store, server, 'DescribeInstances', 'keyed');
  const set = await store.call(['secret', 'keyed', 'ec2-secret-key'], { input: 'hunter2\n' });
  const shown = await store.expectOk(['inspect', 'keyed']);
  const record = await readFile(join(store.path, 'machines', 'keyed', 'config.json'), 'utf8');
  const wrong = await store.call(['secret', 'keyed', 'ec2-region'], { input: 'x' });
  const empty = await store.call(['secret', 'keyed', 'ec2-secret-key'], { input: '\n' });
  await store.expectOk(['secret', 'keyed', 'ec2-secret-key', '--forget']);
  await store.expectOk(['rm', '-y', 'keyed']);

  expect(set).toMatchObject({ code: 0, stdout: '' });
  expect(shown + record + set.stderr).not.toContain('hunter2');
  expect(record).toContain('file:');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('ec2-region') });
  expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('no value') });
  expect(server.cloud.everything()).toEqual(nothing);
});

test('what is wrong is said before anything is made, with exit code 3', async () => {
  const outcome = await store.call(['create', '--driver', 'ec2', '--amazonec2-ami', 'ami-0gone', 'web']);

  expect(outcome).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('--ec2-ami "ami-0gone" does not exist'),
  });
  expect(server.cloud.everything()).toEqual(nothing);
});

test("docker-machine's environment variables are understood", async () => {
  const own = { AWS_AMI: 'ami-0old', AWS_INSTANCE_TYPE: 't3.micro', AWS_TAGS: 'team,blue', AWS_ZONE: 'c' };
  const asAlways = { ...store.env };
  Object.assign(store.env, own);

  await killedCreate(store, server, 'DescribeInstances', 'old');

  expect([...server.cloud.instances.values()].at(-1)).toMatchObject({
    imageId: 'ami-0old',
    type: 't3.micro',
    subnetId: 'subnet-0c',
    tags: { team: 'blue' },
  });
  for (const name of Object.keys(own)) delete store.env[name];
  expect(store.env).toEqual(asAlways);
  await store.expectOk(['rm', '-y', 'old']);
});

test('keys that are given as flags are kept as secrets, and used without being given again', async () => {
  const { accessKeyId, secretAccessKey } = server.account;
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...without } = store.env;
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete store.env[name];
  Object.assign(store.env, { AWS_EC2_METADATA_DISABLED: 'true', TSMACHINE_SECRET_STORE: 'file' });
  const keys = ['--amazonec2-access-key', accessKeyId, '--amazonec2-secret-key', secretAccessKey];

  await killedCreate(store, server, 'RunInstances', 'keyed', keys);

  expect(await readFile(join(store.path, 'machines', 'keyed', 'config.json'), 'utf8')).not.toContain(
    secretAccessKey,
  );
  const known = await store.call(['gc', '--dry-run']);
  expect(known).toMatchObject({ code: 0, stderr: 'nothing is left over\n' });
  expect(server.calls).toContain('DescribeVolumes');
  await killedCreate(store, server, 'RunInstances', 'keyed', ['--resume']);
  await store.expectOk(['rm', '-y', 'keyed']);
  expect(server.cloud.everything()).toEqual(nothing);
  Object.assign(store.env, without, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
});
