import assert from 'node:assert/strict';
import type { AnyDriver } from '../drivers/driver.js';
import type { JsonObject } from '../shared/json.js';
import { type Attempt, begin, type DriverSubject, operation, stored } from './subject.js';

interface Part {
  readonly title: string;
  /** Does nothing where the driver does not have the part. */
  judge(subject: DriverSubject): Promise<void>;
}

/** What a driver may have beyond the power switch. */
export const optionalParts: readonly Part[] = [
  { title: 'suspend() and resume() keep the host', judge: suspends },
  { title: 'snapshots are listed, restored and removed by name', judge: takesSnapshots },
  { title: 'findOwned() finds what carries the tag, and removeOwned() removes it', judge: findsOwned },
];

async function suspends(subject: DriverSubject): Promise<void> {
  const driver = await subject.definition.load();
  if (!driver.suspend || !driver.resume) return;
  await using attempt = await begin(subject);
  let instance = await running(attempt);
  instance = stored(await driver.suspend(instance, operation(subject)));
  assert.match((await driver.inspect(instance, operation(subject))).state, /^(paused|saved)$/);
  instance = stored(await driver.resume(instance, operation(subject)));
  assert.equal((await driver.inspect(instance, operation(subject))).state, 'running');
}

async function takesSnapshots(subject: DriverSubject): Promise<void> {
  const { snapshots } = await subject.definition.load();
  if (!snapshots) return;
  await using attempt = await begin(subject);
  const instance = await running(attempt);
  const names = async () => (await snapshots.list(instance, operation(subject))).map(({ name }) => name);
  await snapshots.create(instance, 'first', operation(subject));
  assert.deepEqual(await names(), ['first']);
  await assert.rejects(snapshots.create(instance, 'first', operation(subject)), { code: 'SNAPSHOT_EXISTS' });
  await snapshots.revert(instance, 'first', operation(subject));
  await assert.rejects(snapshots.revert(instance, 'second', operation(subject)), {
    code: 'SNAPSHOT_NOT_FOUND',
  });
  await snapshots.remove(instance, 'first', operation(subject));
  assert.deepEqual(await names(), []);
}

async function findsOwned(subject: DriverSubject): Promise<void> {
  const driver: AnyDriver = await subject.definition.load();
  if (!driver.findOwned || !driver.removeOwned) return;
  await using attempt = await begin(subject);
  await running(attempt);
  const tag = attempt.context.ownerTag;
  const find = (prefix: string) => driver.findOwned?.(attempt.options, prefix, operation(subject));
  assert.deepEqual(await find(`${tag}-other`), []);
  const found = (await find(tag)) ?? [];
  assert.ok(found.length > 0, 'the host just made carries the tag');
  for (const resource of found) {
    assert.equal(resource.ownerTag, tag);
    await driver.removeOwned(attempt.options, resource, operation(subject));
  }
  assert.deepEqual(await find(tag), []);
}

async function running({ driver, options, context }: Attempt): Promise<JsonObject> {
  const instance = stored(await driver.create(options, context));
  await context.checkpoint(instance);
  return instance;
}
