import { type Laboratory, openLaboratory } from './laboratory.js';

let lab: Laboratory;
let before: readonly string[];
beforeEach(async () => {
  lab = await openLaboratory();
  before = lab.server.cloud.everything();
});
afterEach(() => lab[Symbol.asyncDispose]());

test('start() answers the address that the instance has now', async () => {
  const instance = await lab.create();

  await lab.driver.stop(instance, lab.context());
  const started = await lab.driver.start(instance, lab.context());

  expect(started.address).not.toBe(instance.address);
  expect(await lab.driver.inspect(started, lab.context())).toEqual({
    state: 'running',
    address: started.address,
  });
});

test('start() of one that is stopping waits until it can be started', async () => {
  const instance = await lab.create();
  lab.server.cloud.behaviour.pendingPolls = 3;
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  lab.server.onDone = (action) => action === 'StopInstances' && resolve();
  const stopping = lab.driver.stop(instance, lab.context(AbortSignal.timeout(1_000)));
  await begun;

  const started = lab.driver.start(instance, lab.context());

  await expect(started).resolves.toMatchObject({ instanceId: instance.instanceId });
  await stopping.catch(() => {}); // it may find the instance running again
});

test('restart() reboots, and the address stays', async () => {
  const instance = await lab.create();

  const again = await lab.driver.restart(instance, lab.context());

  expect(again.address).toBe(instance.address);
  expect(lab.server.calls).toContain('RebootInstances');
  expect(lab.server.calls).not.toContain('StopInstances');
});

test('kill() is a forced stop', async () => {
  const instance = await lab.create();

  await lab.driver.kill(instance, lab.context());

  expect(await lab.driver.inspect(instance, lab.context())).toEqual({ state: 'stopped' });
});

test('an instance that was terminated from outside is in error, cannot be started, and is removed', async () => {
  const instance = await lab.create();
  const made = lab.server.cloud.instances.get(instance.instanceId ?? '');
  if (made) made.state = 'terminated';

  expect(await lab.driver.inspect(instance, lab.context())).toEqual({ state: 'error' });
  await expect(lab.driver.start(instance, lab.context())).rejects.toMatchObject({
    code: 'EC2_INSTANCE_GONE',
    message: expect.stringContaining('User initiated shutdown'),
  });
  await lab.driver.remove(instance, lab.context());
  expect([...lab.server.cloud.groups.keys(), ...lab.server.cloud.keyPairs.keys()]).toEqual(['sg-0default']);
});

test('a spot request is remembered, and cancelled before its instance is ended', async () => {
  const instance = await lab.create({ 'request-spot-instance': true, 'spot-price': '0.02' });
  const [request] = lab.server.cloud.spotRequests.values();
  expect(request).toMatchObject({
    id: instance.spotRequestId,
    maxPrice: '0.02',
    tags: { 'tsmachine-owner': 'tsmachine-store-web-1' },
  });

  await lab.driver.remove(instance, lab.context());

  expect(lab.server.cloud.instances.size).toBe(1);
  expect(lab.server.cloud.everything()).toEqual(before);
});

test('remove() of a creation whose last answers were lost finds everything by its tag', async () => {
  await lab.create({ 'request-spot-instance': true });
  const [planned] = lab.checkpoints;
  expect(planned?.instanceId).toBeUndefined();

  if (planned) await lab.driver.remove(planned, lab.context());

  expect(lab.server.cloud.everything()).toEqual(before);
});

test('change() sets and removes tags of instance and volume', async () => {
  const instance = await lab.create({ tags: 'team=blue,cost=1' });

  await lab.driver.change(instance, { tags: { team: 'red', cost: undefined } }, lab.context());

  const { instances, volumes } = lab.server.cloud;
  for (const { tags } of [...instances.values(), ...volumes.values()]) {
    expect(tags).toEqual({ Name: 'web', team: 'red', 'tsmachine-owner': 'tsmachine-store-web-1' });
  }
});

test('change() refuses memory and processors, and tags of our own', async () => {
  const instance = await lab.create();

  await expect(lab.driver.change(instance, { memoryMiB: 512 }, lab.context())).rejects.toMatchObject({
    code: 'EC2_SIZE_IS_TYPE',
    hints: [expect.stringContaining('--ec2-instance-type')],
  });
  await expect(
    lab.driver.change(instance, { tags: { 'tsmachine-owner': 'me' } }, lab.context()),
  ).rejects.toMatchObject({ code: 'DRIVER_OPTION_INVALID' });
});

test('findOwned() leaves a shared group alone while another machine uses it', async () => {
  const shared = { 'security-group': ['docker-machine'] };
  const first = await lab.create(shared, 'first');
  const second = await lab.create(shared, 'second');
  await lab.driver.remove(first, lab.context());
  const find = () => lab.driver.findOwned(lab.options(), 'tsmachine-store-', lab.context());

  expect((await find()).map(({ kind, ownerTag }) => `${kind} ${ownerTag}`)).toEqual([
    'instance tsmachine-store-second-1',
    'key pair tsmachine-store-second-1',
  ]);
  await lab.driver.remove(second, lab.context());
  expect(await find()).toMatchObject([{ kind: 'security group', ownerTag: 'tsmachine-store-first-1' }]);
});

test('findOwned() finds a volume that was left, and removeOwned() removes it', async () => {
  const tags = { 'tsmachine-owner': 'tsmachine-store-lost-1' };
  lab.server.cloud.volumes.set('vol-0lost', { id: 'vol-0lost', tags, instanceId: undefined });

  const [volume] = await lab.driver.findOwned(lab.options(), 'tsmachine-store-', lab.context());

  expect(volume).toMatchObject({ kind: 'volume', id: 'vol-0lost' });
  if (volume) await lab.driver.removeOwned(lab.options(), volume, lab.context());
  if (volume) await lab.driver.removeOwned(lab.options(), volume, lab.context());
  expect(lab.server.cloud.everything()).toEqual(before);
});

test('removing waits until the group is no longer in use', async () => {
  lab.server.cloud.behaviour.pendingPolls = 4;
  const instance = await lab.create();

  await lab.driver.remove(instance, lab.context());

  expect(lab.server.calls.filter((call) => call === 'DeleteSecurityGroup').length).toBeGreaterThan(1);
  expect(lab.server.cloud.everything()).toEqual(before);
});
