import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Import from '../../../src/commands/import.js';
import { DriverRegistry } from '../../../src/drivers/registry.js';
import { MachineService } from '../../../src/machine/machine-service.js';
import { configs, genericDriver, writeTheirMachine } from '../../fakes/docker-machine-store.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
let root: string;
let machines: MachineService;
beforeEach(async () => {
  shop = await Workshop.open();
  root = join(shop.storage, 'theirs');
  machines = new MachineService({ ...shop.deps, drivers: async () => new DriverRegistry() });
});
afterEach(() => shop[Symbol.asyncDispose]());

const config = (version: number, driver = 'generic', settings = {}) =>
  configs[version]?.(driver, { ...genericDriver, ...settings }) ?? {};
const call = (...argv: string[]) => runCommand(shop, Import, argv, { services: { machines } });

test.each([0, 1, 2, 3])(
  'import takes a machine of config version %i, and changes nothing there',
  async (version) => {
    await writeTheirMachine(root, 'old', config(version));
    const before = await contents(root);

    expect(await call(root)).toMatchObject({ code: 0, stdout: expect.stringContaining('imported 1 of 1') });

    expect(await shop.store.load('old')).toMatchObject({
      phase: 'ready',
      foreign: 'docker',
      address: '192.0.2.7',
      driver: {
        name: 'ssh',
        instance: {
          host: '192.0.2.7',
          port: 2222,
          user: 'deploy',
          identityFiles: ['id_rsa'],
          enginePort: 12376,
        },
      },
      engine: {
        port: 12376,
        labels: ['provider=generic'],
        insecureRegistries: ['r.example:5000'],
        registryMirrors: [],
      },
    });
    const directory = shop.store.directory('old');
    for (const file of ['ca.pem', 'cert.pem', 'key.pem', 'id_rsa']) {
      expect(await readFile(join(directory, file), 'utf8')).toBe(`${file} of old`);
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    }
    expect(await contents(root)).toEqual(before);
    expect(await machines.engine('old')).toMatchObject({
      host: '192.0.2.7',
      port: 12376,
      ca: 'ca.pem of old',
    });
  },
);

test('import --dry-run shows what becomes of each machine, and why not', async () => {
  await shop.create('taken');
  await writeTheirMachine(root, 'aws', config(3, 'amazonec2', { SecretKey: 'hush', InstanceId: 'i-1' }));
  await writeTheirMachine(root, 'begun', config(3, 'amazonec2', { InstanceId: '' }));
  await writeTheirMachine(root, 'guest', config(3, 'kvm'));
  await writeTheirMachine(root, 'bare', config(3), ['id_rsa']);
  await writeTheirMachine(root, 'broken', '{');
  await writeTheirMachine(root, 'future', { ...config(3), ConfigVersion: 4 });
  await writeTheirMachine(root, 'homeless', config(3, 'generic', { IPAddress: '' }));
  await writeTheirMachine(root, 'taken', config(3));
  await writeTheirMachine(root, 'vbox', config(3, 'virtualbox', { IPAddress: '192.168.99.100' }));

  const { stdout } = await call('--dry-run', root);

  expect(
    Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ {3,}(.*)/, 2)),
    ),
  ).toEqual({
    aws: expect.stringMatching(/^amazonec2 +ec2 +its keys are not copied/),
    begun: expect.stringMatching(/^amazonec2 +- .*never made/),
    guest: expect.stringMatching(/^kvm +libvirt +its disk stays/),
    bare: expect.stringMatching(/^generic +- +its certificates are missing/),
    broken: expect.stringMatching(/^unknown +- .*JSON/),
    future: expect.stringMatching(/^unknown +- +its config version 4 is not known/),
    homeless: expect.stringMatching(/^generic +- .*had no address/),
    taken: expect.stringMatching(/^generic +- +there is a machine of this name already/),
    vbox: expect.stringMatching(
      /^virtualbox +- .*create --driver ssh --ssh-host 192.168.99.100 --ssh-user deploy/,
    ),
  });
  expect(stdout).not.toContain('hush');
  expect(await shop.store.list()).toEqual(['taken']);
});

test('import takes an EC2 instance with what gives power over it, and without its keys', async () => {
  const settings = {
    ...{ InstanceId: 'i-1', Region: 'eu-west-1', KeyName: 'aws', ExistingKey: false, SSHUser: 'ubuntu' },
    ...{ AccessKey: 'hush', SecretKey: 'hush', SecurityGroupNames: ['docker-machine'], UsePrivateIP: true },
  };
  await writeTheirMachine(root, 'aws', config(3, 'amazonec2', settings));

  expect((await call(root)).code).toBe(0);

  const record = await shop.store.load('aws');
  expect(record).toMatchObject({
    foreign: 'docker',
    address: '192.0.2.7',
    driver: {
      name: 'ec2',
      options: { region: 'eu-west-1', 'security-group': ['docker-machine'] },
      instance: {
        place: { region: 'eu-west-1' },
        instanceId: 'i-1',
        use: 'private',
        untagged: { keyName: 'aws' },
        identityFile: 'id_rsa',
      },
    },
  });
  expect(JSON.stringify(record)).not.toContain('hush');
});

test('import takes an engine known by its URL alone, with its certificates', async () => {
  const settings = { IPAddress: '', URL: 'tcp://[2001:db8::7]:12376' };
  await writeTheirMachine(root, 'far', config(3, 'none', settings), ['ca.pem', 'cert.pem', 'key.pem']);

  expect((await call(root)).code).toBe(0);

  expect(await machines.engine('far')).toMatchObject({
    host: '2001:db8::7',
    port: 12376,
    cert: 'cert.pem of far',
  });
});

test('import finds certificates that only the other store has', async () => {
  await writeTheirMachine(root, 'old', config(3), []);
  await mkdir(join(root, 'certs'));
  for (const file of ['ca.pem', 'cert.pem', 'key.pem']) await writeFile(join(root, 'certs', file), file);

  expect((await call(root)).code).toBe(0);
  expect((await shop.store.load('old')).driver.instance).toMatchObject({ identityFiles: [] });
});

test('an imported machine is not provisioned: its engine is somebody else’s', async () => {
  await writeTheirMachine(root, 'old', config(3));
  await call(root);

  await expect(machines.provision('old', shop.context)).rejects.toMatchObject({ code: 'ENGINE_NOT_OURS' });
});

test.each(['nowhere', '.'])('import refuses "%s", which is no store', async (path) => {
  expect((await call(join(shop.storage, path))).code).not.toBe(0);
});

async function contents(directory: string): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (file) => [file, await readFile(file, 'utf8')] as const));
}
