import assert from 'node:assert/strict';
import type { AnyDriver, InstanceStatus } from '../drivers/driver.js';
import { flagName } from '../drivers/options.js';
import { driverApiVersion } from '../drivers/plugin.js';
import type { JsonObject } from '../shared/json.js';
import { waitUntil } from '../shared/wait-until.js';
import { optionalParts } from './optional-parts.js';
import { type Attempt, begin, type DriverSubject, operation, stored } from './subject.js';

/** The functions of a test runner that are needed: Jest's, Vitest's and node:test's have this shape. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: () => Promise<void>, timeoutMs?: number): unknown;
}

/**
 * Every promise of the driver contract that can be judged from outside. Makes about ten hosts, one after the other, and
 * removes them; a test fails when anything of them is left at the provider.
 */
export function driverConformance(runner: TestRunner, subject: DriverSubject): void {
  const test = (title: string, body: () => Promise<void>) =>
    runner.it(title, () => leavesNothing(subject, body), subject.timeoutMs ?? 120_000);
  const { name } = subject.definition;
  runner.describe(`driver ${name}`, () => {
    runner.it('is defined as the contract says', async () => isWellDefined(subject));
    test('preCreateCheck() changes nothing', () => checksOnly(subject));
    test('create() makes a running host, and each checkpoint is plain JSON without secrets', () =>
      createsRunning(subject));
    test('stop(), start() and kill() have the state when they return, and succeed when it is so already', () =>
      powers(subject));
    test('remove() removes everything, and succeeds when nothing is left', () => removes(subject));
    test('inspect() of a host that is gone does not say that it runs', () => inspectsGone(subject));
    test('remove() of what a checkpoint holds removes everything, wherever create() ended', () =>
      survivesEndAtEachCheckpoint(subject, 'failure'));
    test('create() ends when its signal is aborted, at every checkpoint', () =>
      survivesEndAtEachCheckpoint(subject, 'abort'));
    test('create() with a signal that is aborted already makes nothing', () => refusesAborted(subject));
    for (const part of optionalParts) test(part.title, () => part.judge(subject));
  });
}

/** Compares the provider before and after. */
async function leavesNothing(subject: DriverSubject, body: () => Promise<void>): Promise<void> {
  const before = await subject.everything();
  await body();
  assert.deepEqual([...(await subject.everything())].sort(), [...before].sort(), 'something was left behind');
}

async function isWellDefined({ definition }: DriverSubject): Promise<void> {
  assert.equal(definition.apiVersion, driverApiVersion);
  assert.match(definition.name, /^[a-z][a-z0-9-]*$/);
  assert.ok(definition.summary.length > 0, 'a summary for the help');
  const flags = Object.entries(definition.options).flatMap(([key, option]) => {
    assert.match(key, /^[a-z][a-z0-9-]*$/, `option "${key}"`);
    assert.ok(option.description.length > 0, `a description of option "${key}"`);
    return [flagName(definition.name, key), ...(option.aliases ?? [])];
  });
  assert.equal(new Set(flags).size, flags.length, 'two options have the same flag');
}

async function checksOnly(subject: DriverSubject): Promise<void> {
  const before = await subject.everything();
  const driver = await subject.definition.load();
  await driver.preCreateCheck(await subject.options(), operation(subject));
  assert.deepEqual([...(await subject.everything())].sort(), [...before].sort());
}

async function createsRunning(subject: DriverSubject): Promise<void> {
  await using attempt = await begin(subject);
  const instance = await create(attempt);
  assert.ok(attempt.checkpoints.length > 0, 'create() has to checkpoint what it makes');
  const status = await settled(subject, attempt.driver, instance, 'running');
  assert.ok(status.address, 'a running host has an address');
  if (!attempt.driver.engineUrl) {
    const endpoint = attempt.driver.sshEndpoint(instance);
    assert.ok(endpoint.host !== '' && endpoint.port > 0 && endpoint.user !== '', 'an endpoint for SSH');
  }
  for (const value of Object.values(subject.secrets ?? {})) {
    for (const checkpoint of [...attempt.checkpoints, instance]) {
      assert.ok(!JSON.stringify(checkpoint).includes(value), 'a secret is in the instance');
    }
  }
}

async function powers(subject: DriverSubject): Promise<void> {
  await using attempt = await begin(subject);
  let instance = await create(attempt);
  const { driver } = attempt;
  if (driver.controlsPower === false) return;
  const change = async (verb: 'stop' | 'start' | 'kill', state: 'stopped' | 'running') => {
    instance = stored(await driver[verb](instance, operation(subject)));
    await attempt.context.checkpoint(instance);
    assert.equal((await driver.inspect(instance, operation(subject))).state, state, `after ${verb}()`);
  };
  await settled(subject, driver, instance, 'running');
  await change('start', 'running');
  await change('stop', 'stopped');
  await change('stop', 'stopped');
  await change('kill', 'stopped');
  await change('start', 'running');
  if (driver.restart) {
    instance = stored(await driver.restart(instance, operation(subject)));
    await settled(subject, driver, instance, 'running');
  }
  await change('kill', 'stopped');
}

async function removes(subject: DriverSubject): Promise<void> {
  await using attempt = await begin(subject);
  const before = await subject.everything();
  const instance = await create(attempt);
  await attempt.driver.remove(instance, operation(subject));
  assert.deepEqual([...(await subject.everything())].sort(), [...before].sort());
  await attempt.driver.remove(instance, operation(subject));
}

async function inspectsGone(subject: DriverSubject): Promise<void> {
  await using attempt = await begin(subject);
  const instance = await create(attempt);
  if (attempt.driver.controlsPower === false) return;
  await attempt.driver.remove(instance, operation(subject));
  const status = await attempt.driver.inspect(instance, operation(subject));
  assert.notEqual(status.state, 'running');
}

/** As if the program had ended right after the checkpoint: only what was stored is known afterwards. */
async function survivesEndAtEachCheckpoint(subject: DriverSubject, end: 'failure' | 'abort'): Promise<void> {
  for (let at = 1; ; at++) {
    await using attempt = await begin(subject, {
      onCheckpoint(number, { abort }) {
        if (number !== at) return;
        if (end === 'failure') throw new Error('the record cannot be written');
        abort.abort(new Error('interrupted'));
      },
    });
    const failed = await create(attempt).then(
      () => false,
      () => true,
    );
    if (attempt.checkpoints.length < at) return;
    // A host may be finished before an abort at the last checkpoint is noticed; a failure never goes unnoticed.
    if (end === 'failure') assert.ok(failed, `create() went on after checkpoint ${at} had failed`);
  }
}

async function refusesAborted(subject: DriverSubject): Promise<void> {
  await using attempt = await begin(subject);
  attempt.abort.abort(new Error('interrupted'));
  await assert.rejects(create(attempt), 'create() has to look at its signal');
}

async function create({ driver, options, context }: Attempt): Promise<JsonObject> {
  const instance = stored(await driver.create(options, context));
  await context.checkpoint(instance);
  return instance;
}

/** `create` need not wait until the host has booted. */
async function settled(
  subject: DriverSubject,
  driver: AnyDriver,
  instance: JsonObject,
  state: InstanceStatus['state'],
): Promise<InstanceStatus> {
  const context = operation(subject);
  let last: string | undefined;
  return waitUntil(
    async () => {
      const status = await driver.inspect(instance, context);
      last = status.state;
      return status.state === state ? status : undefined;
    },
    { what: `state ${state}`, timeoutMs: 60_000, signal: context.signal, lastSeen: () => last },
  );
}
