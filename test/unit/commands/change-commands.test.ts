import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Active from '../../../src/commands/active.js';
import Rename from '../../../src/commands/rename.js';
import Resume from '../../../src/commands/resume.js';
import SetMachine from '../../../src/commands/set.js';
import SnapshotCreate from '../../../src/commands/snapshot/create.js';
import SnapshotLs from '../../../src/commands/snapshot/ls.js';
import SnapshotRestore from '../../../src/commands/snapshot/restore.js';
import SnapshotRm from '../../../src/commands/snapshot/rm.js';
import Status from '../../../src/commands/status.js';
import Suspend from '../../../src/commands/suspend.js';
import Use from '../../../src/commands/use.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.create('web');
  shop.driver.calls.length = 0;
});
afterEach(() => shop[Symbol.asyncDispose]());

describe('set', () => {
  test('changes the host and says what needs a restart', async () => {
    const outcome = await runCommand(shop, SetMachine, [
      '--memory',
      '2g',
      '--cpus',
      '1.5',
      '--tag',
      'a=b=c',
      'web',
    ]);

    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('tsmachine restart web') });
    expect(outcome.stdout).toContain('machine "web": cpus, tags changed\n');
    expect((await shop.store.load('web')).driver.instance).toMatchObject({
      memoryMiB: 2048,
      cpus: 1.5,
      tags: { a: 'b=c' },
    });
    expect(shop.driver.calls).toEqual(['change']);
  });

  test('--restart restarts the host only where a change needs it', async () => {
    await runCommand(shop, SetMachine, ['--cpus', '2', '--restart', 'web']);
    expect(shop.driver.calls).toEqual(['change']);

    await runCommand(shop, SetMachine, ['--memory', '1g', '--restart', 'web']);
    expect(shop.driver.calls).toEqual(['change', 'change', 'stop', 'start']);
  });

  test('labels are given to the agent without touching the host', async () => {
    const argv = ['--label', 'stage=test', '--label', 'old=1', 'web'];
    await runCommand(shop, SetMachine, argv);
    await runCommand(shop, SetMachine, ['--remove-label', 'old', '--label', 'stage=live', 'web']);

    expect(shop.provisioner.targets.at(-1)?.labels).toEqual(['stage=live']);
    expect(shop.driver.calls).toEqual([]);
  });

  test.each([
    [['--memory', 'much', 'web'], 2],
    [['--cpus', '-1', 'web'], 2],
    [['--tag', 'novalue', 'web'], 2],
    [['web'], 2],
    [['--cpus', '1', 'nope'], 1],
  ])('%j ends with %i', async (argv, code) => {
    expect((await runCommand(shop, SetMachine, argv)).code).toBe(code);
  });

  test('is refused where the driver cannot change hosts', async () => {
    Object.assign(shop.driver, { change: undefined });

    expect(await runCommand(shop, SetMachine, ['--cpus', '2', 'web'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('driver fake cannot change a host'),
    });
  });
});

describe('suspend and resume', () => {
  test('keep the machine in between as paused, and are idempotent', async () => {
    await runCommand(shop, Suspend, ['web']);
    expect((await runCommand(shop, Status, ['web'])).stdout).toBe('Paused\n');
    expect((await runCommand(shop, Suspend, ['web'])).stdout).toBe('machine "web" is already suspended\n');
    expect((await runCommand(shop, Resume, ['web'])).stdout).toBe('machine "web" is running\n');
    expect((await runCommand(shop, Resume, ['web'])).stdout).toBe('machine "web" is already running\n');
    expect(shop.driver.calls).toEqual(['suspend', 'resume']);
  });

  test('are refused for a machine that is off, and where the driver cannot', async () => {
    shop.driver.hosts.set('web', 'stopped');
    expect((await runCommand(shop, Suspend, ['web'])).code).toBe(1);
    expect((await runCommand(shop, Resume, ['web'])).stderr).toContain('tsmachine start web');

    Object.assign(shop.driver, { suspend: undefined });
    expect((await runCommand(shop, Suspend, ['web'])).stderr).toContain('driver fake cannot suspend a host');
  });
});

describe('snapshot', () => {
  test('makes, lists, restores and removes', async () => {
    expect((await runCommand(shop, SnapshotCreate, ['web', 'first'])).stdout).toBe('first\n');
    const second = (await runCommand(shop, SnapshotCreate, ['web'])).stdout.trim();

    const listed = (await runCommand(shop, SnapshotLs, ['web'])).stdout.split('\n');
    expect(listed.map((line) => line.split(/ +/)[0])).toEqual(['NAME', 'first', second, '']);
    expect((await runCommand(shop, SnapshotRestore, ['web', 'first'])).code).toBe(0);
    expect(shop.driver.calls).toEqual(['revert first']);
    await runCommand(shop, SnapshotRm, ['web', 'first']);
    expect((await runCommand(shop, SnapshotLs, ['web'])).stdout).not.toContain('first');
  });

  test('refuses names that are none, and drivers without snapshots', async () => {
    expect((await runCommand(shop, SnapshotCreate, ['web', '../x'])).code).toBe(2);
    Object.assign(shop.driver, { snapshots: undefined });
    expect((await runCommand(shop, SnapshotLs, ['web'])).stderr).toContain('cannot make snapshots');
  });
});

describe('rename', () => {
  test('moves record, directory and choice, and sends a certificate with the new name', async () => {
    const before = await shop.store.load('web');
    await runCommand(shop, Use, ['web']);

    expect((await runCommand(shop, Rename, ['web', 'db'])).code).toBe(0);

    expect(await shop.store.list()).toEqual(['db']);
    const { provisioned: _, ...after } = await shop.store.load('db');
    const { provisioned: __, ...expected } = before;
    expect(after).toEqual({ ...expected, name: 'db' });
    expect((await runCommand(shop, Active, [])).stdout).toBe('db\n');
    expect(shop.provisioner.targets.at(-1)).toMatchObject({ machineName: 'db' });
    expect(await readdir(join(shop.storage, 'locks'))).toEqual([]);
  });

  test('warns when the host cannot be reached, and is done all the same', async () => {
    shop.driver.hosts.set('web', 'stopped');

    const outcome = await runCommand(shop, Rename, ['web', 'db']);

    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('tsmachine provision db') });
  });

  test('makes key files relative, and refuses where the host uses a file of the directory', async () => {
    const directory = shop.store.directory('web');
    const machine = await shop.store.load('web');
    const withInstance = (instance: Record<string, string>) =>
      shop.store.save({ ...machine, driver: { ...machine.driver, instance: { id: 'web', ...instance } } });

    await withInstance({ seed: join(directory, 'seed.iso') });
    expect((await runCommand(shop, Rename, ['web', 'db'])).stderr).toContain('seed.iso');
    expect(await shop.store.list()).toEqual(['web']);

    await withInstance({ identityFile: join(directory, 'id_ed25519') });
    await runCommand(shop, Rename, ['web', 'db']);
    expect((await shop.store.load('db')).driver.instance).toMatchObject({ identityFile: 'id_ed25519' });
  });

  test.each([
    [['web', 'a_b'], 2],
    [['nope', 'db'], 1],
    [['web', 'taken'], 1],
  ])('%j is refused with %i', async (argv, code) => {
    await shop.create('taken');
    expect((await runCommand(shop, Rename, argv)).code).toBe(code);
    expect(await shop.store.list()).toEqual(['taken', 'web']);
  });

  test('that was cut short between directory and record leaves a whole machine', async () => {
    const machine = await shop.store.load('web');
    await shop.store.save({ ...machine, renamedTo: 'db' });
    expect((await shop.store.load('web')).name).toBe('web');
    await shop.store.rename('web', 'db');

    expect(await shop.store.load('db')).toEqual({ ...machine, name: 'db' });
    for (const file of ['config.json', 'config.json.bak']) {
      const path = join(shop.storage, 'machines/db', file);
      await writeFile(path, (await readFile(path, 'utf8')).replaceAll('"db"', '"other"'));
    }
    await expect(shop.store.load('db')).rejects.toMatchObject({ code: 'MACHINE_RECORD_DAMAGED' });
  });
});
