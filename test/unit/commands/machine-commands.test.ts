import Active from '../../../src/commands/active.js';
import Config from '../../../src/commands/config.js';
import Create from '../../../src/commands/create.js';
import Inspect from '../../../src/commands/inspect.js';
import Ls from '../../../src/commands/ls.js';
import Provision from '../../../src/commands/provision.js';
import Restart from '../../../src/commands/restart.js';
import Rm from '../../../src/commands/rm.js';
import Start from '../../../src/commands/start.js';
import Status from '../../../src/commands/status.js';
import Stop from '../../../src/commands/stop.js';
import Use from '../../../src/commands/use.js';
import Version from '../../../src/commands/version.js';
import { TsmachineError } from '../../../src/shared/errors.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

describe('create', () => {
  test('makes the machine with its engine options and says how to use it', async () => {
    const argv = ['-d', 'fake', '--tls-san', 'a.example', '--engine-label', 'k=v', 'web'];

    const outcome = await runCommand(shop, Create, argv);

    expect(outcome).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('eval "$(tsmachine env web)"'),
    });
    expect((await shop.store.load('web')).engine).toMatchObject({ tlsSans: ['a.example'], labels: ['k=v'] });
  });

  test('ends with 3 when the pre-create check fails', async () => {
    shop.driver.failures.set('preCreateCheck', () => new TsmachineError('unavailable', 'X', 'no root'));

    const outcome = await runCommand(shop, Create, ['-d', 'fake', 'web']);

    expect(outcome).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('pre-create check failed: no root'),
    });
  });

  test.each([
    [['-d', 'fake'], 2],
    [['-d', 'fake', '--nope', 'web'], 2],
    [['-d', 'fake', 'a_b'], 2],
    [['-d', 'nope', 'web'], 1],
  ])('%j ends with %i and makes nothing', async (argv, code) => {
    expect((await runCommand(shop, Create, argv)).code).toBe(code);
    expect(await shop.store.list()).toEqual([]);
  });

  test('takes the driver from the environment', async () => {
    const environment = { MACHINE_DRIVER: 'fake-alias' };

    expect((await runCommand(shop, Create, ['web'], { environment })).code).toBe(0);
    expect((await shop.store.load('web')).driver.name).toBe('fake');
  });
});

describe('with machines', () => {
  beforeEach(async () => {
    await shop.create('web');
    await shop.create('db');
  });

  test('ls prints the table of docker-machine, with its empty column SWARM', async () => {
    await shop.machines.stop('db', shop.context);

    expect((await runCommand(shop, Ls, [])).stdout).toBe(
      'NAME   ACTIVE   DRIVER   STATE     URL                    SWARM   DOCKER    ERRORS\n' +
        'db     -        fake     Stopped                                  Unknown\n' +
        'web    -        fake     Running   tcp://127.0.0.1:2376           v1.2.3\n',
    );
  });

  test.each([
    [['-q'], 'db\nweb\n'],
    [['-q', '--filter', 'name=^w'], 'web\n'],
    [['-q', '--filter', 'state=running', '--filter', 'name=d'], 'db\n'],
    [['-q', '--filter', 'state=STOPPED'], ''],
    [['-q', '--filter', 'driver=nope', '--filter', 'driver=fake'], 'db\nweb\n'],
    [['-f', '{{.Name}} {{.DockerVersion}}'], 'db v1.2.3\nweb v1.2.3\n'],
    [['-f', 'table {{.Name}}\\t{{.DriverName}}'], 'NAME   DRIVER\ndb     fake\nweb    fake\n'],
  ])('ls %j', async (argv, stdout) => {
    expect(await runCommand(shop, Ls, argv)).toEqual({ code: 0, stdout, stderr: '' });
  });

  test("ls takes docker-machine's filter for swarms, of which there are none", async () => {
    expect((await runCommand(shop, Ls, ['-q', '--filter', 'swarm=web'])).stdout).toBe('');
  });

  test.each([['name'], ['colour=red'], ['name=(']])('ls refuses the filter "%s"', async (filter) => {
    expect((await runCommand(shop, Ls, ['--filter', filter])).code).toBe(2);
  });

  test('ls --json prints one value', async () => {
    const rows: unknown = JSON.parse((await runCommand(shop, Ls, ['--json'])).stdout);

    expect(rows).toMatchObject([
      { name: 'db' },
      { name: 'web', state: 'Running', url: 'tcp://127.0.0.1:2376' },
    ]);
  });

  test('stop and start of several machines say for each what happened', async () => {
    await shop.machines.stop('db', shop.context);

    const outcome = await runCommand(shop, Stop, ['web', 'db']);

    expect(outcome).toMatchObject({
      code: 0,
      stdout: 'machine "web" is stopped\nMachine "db" is already stopped.\n',
    });
    expect((await runCommand(shop, Start, ['web', 'db'])).code).toBe(0);
    expect((await runCommand(shop, Start, ['web'])).stdout).toBe('Machine "web" is already running.\n');
    expect((await runCommand(shop, Restart, ['web'])).stdout).toBe('machine "web" is running\n');
  });

  test('a command on several machines joins the failures and still does the rest', async () => {
    const outcome = await runCommand(shop, Stop, ['nope', 'web', 'neither']);

    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(
      'Docker machine "nope" does not exist\nDocker machine "neither" does not exist',
    );
    expect(shop.driver.hosts.get('web')).toBe('stopped');
  });

  test('a command without a name takes "default", else the active machine, else none', async () => {
    expect(await runCommand(shop, Stop, [])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Error: No machine name specified'),
    });
    await runCommand(shop, Use, ['db']);
    expect((await runCommand(shop, Status, [])).stdout).toBe('Running\n');
    await shop.create('default');
    expect((await runCommand(shop, Stop, [])).stdout).toBe('machine "default" is stopped\n');
  });

  test('use and active agree, and the environment of the shell comes first', async () => {
    expect(await runCommand(shop, Active, [])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No active host found'),
    });
    await runCommand(shop, Use, ['db']);

    expect((await runCommand(shop, Active, [])).stdout).toBe('db\n');
    const inShell = (environment: NodeJS.ProcessEnv) => runCommand(shop, Active, [], { environment });
    expect((await inShell({ TSMACHINE_NAME: 'web' })).stdout).toBe('web\n');
    expect((await inShell({ DOCKER_MACHINE_NAME: 'web' })).stdout).toBe('web\n');
    expect((await inShell({ DOCKER_HOST: 'tcp://10.9.9.9:2376' })).stdout).toBe('db\n');
    expect((await inShell({ TSMACHINE_NAME: 'gone' })).code).toBe(1);
    expect((await runCommand(shop, Use, ['gone'])).code).toBe(1);
  });

  test('active finds the machine by DOCKER_HOST', async () => {
    await shop.machines.remove('db', { force: false }, shop.context);
    const environment = { DOCKER_HOST: 'tcp://127.0.0.1:2376' };

    expect((await runCommand(shop, Active, [], { environment })).stdout).toBe('web\n');
  });

  test('rm asks, and refuses where nobody can answer', async () => {
    const outcome = await runCommand(shop, Rm, ['web']);

    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(await shop.store.list()).toEqual(['db', 'web']);
  });

  test('rm -y removes, and --force goes on whatever the provider says', async () => {
    expect((await runCommand(shop, Rm, ['-y', 'web'])).stdout).toBe('Successfully removed web\n');
    shop.driver.failures.set('remove', () => new Error('down'));

    expect((await runCommand(shop, Rm, ['-y', 'db'])).code).toBe(1);
    expect((await runCommand(shop, Rm, ['-f', 'db'])).code).toBe(0);
    expect(await shop.store.list()).toEqual([]);
    expect((await runCommand(shop, Rm, ['-y'])).code).toBe(2);
  });

  test('inspect prints the keys that templates of docker-machine use', async () => {
    const view: unknown = JSON.parse((await runCommand(shop, Inspect, ['web'])).stdout);

    expect(view).toMatchObject({
      Name: 'web',
      DriverName: 'fake',
      Driver: { IPAddress: '127.0.0.1', SSHUser: 'root', SSHPort: 22 },
      HostOptions: { AuthOptions: { StorePath: `${shop.storage}/machines/web` } },
      Record: { schemaVersion: 1, phase: 'ready' },
    });
    const formatted = await runCommand(shop, Inspect, ['-f', '{{.Driver.IPAddress}} {{.Nope}}', 'web']);
    expect(formatted.stdout).toBe('127.0.0.1 <no value>\n');
  });

  test('config prints five flags', async () => {
    const directory = `${shop.storage}/machines/web`;

    expect((await runCommand(shop, Config, ['web'])).stdout).toBe(
      `--tlsverify\n--tlscacert="${directory}/ca.pem"\n--tlscert="${directory}/cert.pem"\n` +
        `--tlskey="${directory}/key.pem"\n-H=tcp://127.0.0.1:2376\n`,
    );
  });

  test('provision says what it did', async () => {
    expect((await runCommand(shop, Provision, ['web'])).stdout).toBe(
      'machine "web" is ready: Installing packages\n',
    );
  });

  test('version is ours, or the one of the engine', async () => {
    expect((await runCommand(shop, Version, [])).stdout).toMatch(/^tsmachine version \d/);
    expect((await runCommand(shop, Version, ['web'])).stdout).toBe('1.2.3\n');
  });

  test('an error with --json is one value on stdout', async () => {
    const outcome = await runCommand(shop, Status, ['nope', '--json']);

    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ error: { code: 'MACHINE_NOT_FOUND' } });
  });
});
