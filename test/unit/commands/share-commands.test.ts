import { X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { envVariables } from '../../../src/cli/quick-answers.js';
import Adopt from '../../../src/commands/adopt.js';
import Export from '../../../src/commands/export.js';
import Import from '../../../src/commands/import.js';
import Revoke from '../../../src/commands/revoke.js';
import { readMachineFile } from '../../../src/machine/share/machine-file.js';
import { fakeCatalog } from '../../fakes/fake-driver.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

const envRequest = { name: 'theirs', shell: 'sh', unset: false, noProxy: false, argv: [] };
let shop: Workshop;
let file: string;
beforeEach(async () => {
  shop = await Workshop.open();
  file = join(shop.storage, 'web.tar');
});
afterEach(() => shop[Symbol.asyncDispose]());

describe('export', () => {
  beforeEach(async () => {
    await shop.create('web');
  });

  test('writes access of its own for somebody else, and none of our keys', async () => {
    expect((await runCommand(shop, Export, ['--for', 'alice', 'web', file])).code).toBe(0);

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    for (const path of ['certs/ca-key.pem', 'certs/key.pem', 'certs/cert.pem']) {
      const body = (await readFile(join(shop.storage, path), 'utf8')).split('\n')[1] ?? '';
      expect(text).not.toContain(body);
    }
    const content = await readMachineFile(file);
    expect(content.record).toMatchObject({ name: 'web', driver: { name: 'ssh' }, foreign: 'agent' });
    expect(content.authority).toBe(await readFile(join(shop.storage, 'certs/ca.pem'), 'utf8'));
    const [[id, authority] = ['', '']] = [...shop.hostAccess.clients];
    const client = new X509Certificate(content.clientCertificate);
    expect(client.verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect([...shop.hostAccess.keys.keys()]).toEqual([id]);
    expect((await shop.store.load('web')).shares).toMatchObject([{ id, who: 'alice' }]);
  });

  test('can be imported under another name, once', async () => {
    await runCommand(shop, Export, ['web', file]);

    expect((await runCommand(shop, Import, ['--name', 'theirs', file])).code).toBe(0);

    const directory = shop.store.directory('theirs');
    expect((await stat(join(directory, 'id_ed25519'))).mode & 0o777).toBe(0o600);
    expect(await shop.store.load('theirs')).toMatchObject({
      name: 'theirs',
      phase: 'ready',
      foreign: 'agent',
    });
    const endpoint = await shop.machines.engine('theirs');
    expect(endpoint.cert).toBe(await readFile(join(directory, 'cert.pem'), 'utf8'));
    expect((await runCommand(shop, Import, ['--name', 'theirs', file])).stderr).toContain('already exists');
    expect((await runCommand(shop, Import, ['--dry-run', file])).stdout).toMatch(/\nweb +ssh/);
  });

  test('lets nobody in when it fails, and overwrites nothing', async () => {
    await writeFile(file, 'mine');
    expect((await runCommand(shop, Export, ['web', file])).stderr).toContain('exists already');
    shop.hostAccess.failures.set('admitKey', () => new Error('disk full'));

    expect((await runCommand(shop, Export, ['web', `${file}2`])).stderr).toContain('disk full');
    expect(shop.hostAccess.clients.size).toBe(0);
    expect((await shop.store.load('web')).shares).toBeUndefined();
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  test('is taken back by revoke, by name or id', async () => {
    await runCommand(shop, Export, ['--for', 'alice', 'web', file]);
    await runCommand(shop, Export, ['--for', 'bob', 'web', `${file}2`]);

    expect((await runCommand(shop, Revoke, ['web', 'carol'])).stderr).toContain('it was for alice (');
    expect((await runCommand(shop, Revoke, ['web', 'alice'])).code).toBe(0);

    const [share] = (await shop.store.load('web')).shares ?? [];
    expect(share?.who).toBe('bob');
    expect([...shop.hostAccess.clients.keys()]).toEqual([share?.id]);
    expect([...shop.hostAccess.keys.keys()]).toEqual([share?.id]);
  });

  test.each(['', 'no archive', 'x'.repeat(2000)])('import refuses a file with %j', async (content) => {
    await writeFile(file, content);
    expect((await runCommand(shop, Import, [file])).code).toBe(2);
    expect(await shop.store.list()).toEqual(['web']);
  });
});

describe('adopt', () => {
  const adopt = (...argv: string[]) => runCommand(shop, Adopt, ['-d', 'fake', 'theirs', ...argv]);
  beforeEach(() => {
    shop.driver.controlsPower = false;
    const agent = { port: 2376, authority: 'THEIR CA' };
    shop.hostAccess.found = { ...shop.hostAccess.found, agent };
  });

  test('--dry-run shows the plan and changes nothing', async () => {
    const outcome = await adopt('--dry-run');

    expect(outcome).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/HOST +theirs.*\n.*our agent on port 2376/),
    });
    expect(outcome.stdout).toContain('KEEPS');
    expect(shop.hostAccess.clients.size).toBe(0);
    expect(await shop.store.list()).toEqual([]);
    expect((await adopt()).stderr).toContain('--yes');
  });

  test('lets this store in beside the others, and trusts the authority of the host', async () => {
    expect((await adopt('-y')).code).toBe(0);

    expect(await shop.store.load('theirs')).toMatchObject({
      phase: 'ready',
      foreign: 'agent',
      address: '127.0.0.1',
    });
    expect([...shop.hostAccess.clients.values()]).toEqual([
      await readFile(join(shop.storage, 'certs/ca.pem'), 'utf8'),
    ]);
    expect(shop.engine.endpoints.at(-1)).toMatchObject({ ca: 'THEIR CA' });
    expect(shop.provisioner.targets).toEqual([]);
  });

  test("takes up the store's client pair when that is made anew", async () => {
    await adopt('-y');
    const before = await shop.machines.engine('theirs');

    await shop.deps.certificates.renewClient();

    const after = await shop.machines.engine('theirs');
    expect(after.ca).toBe('THEIR CA');
    expect(after.cert).not.toBe(before.cert);
    expect(await readFile(join(shop.store.directory('theirs'), 'cert.pem'), 'utf8')).toBe(after.cert);
  });

  test('leaves nothing when the agent does not let us in', async () => {
    shop.engine.answers = false;

    expect((await adopt('-y')).code).toBe(1);
    expect(shop.hostAccess.clients.size).toBe(0);
    expect(await shop.store.list()).toEqual([]);
    expect(shop.ssh.open).toBe(0);
  });

  test('takes a Docker Engine as it is, over SSH', async () => {
    const { agent: _, ...bare } = shop.hostAccess.found;
    shop.hostAccess.found = { ...bare, docker: { version: '28.1.0' } };

    const drivers = async () =>
      fakeCatalog(shop.driver, { 'ssh-host': { type: 'string', description: 'host' } });
    const argv = ['-d', 'fake', '--fake-ssh-host', 'their.example', 'theirs', '-y'];

    const outcome = await runCommand(shop, Adopt, argv, { services: { drivers } });

    expect(outcome.stdout).toContain('ENGINE   Docker 28.1.0');

    const { machines } = shop;
    expect(await shop.store.load('theirs')).toMatchObject({
      foreign: 'docker',
      sshUrl: 'ssh://their.example',
    });
    const [row] = await machines.list({ timeoutMs: 5000, environment: {} }, shop.context);
    expect(row).toMatchObject({ state: 'Running', dockerVersion: '28.1.0', error: '' });
    await expect(machines.engine('theirs')).rejects.toMatchObject({ code: 'ENGINE_OVER_SSH_ONLY' });
    expect(
      envVariables({ ...envRequest, storage: shop.storage }, { environment: {}, platform: 'linux' }),
    ).toEqual(
      expect.arrayContaining([
        ['DOCKER_TLS_VERIFY', ''],
        ['DOCKER_HOST', 'ssh://their.example'],
        ['DOCKER_CERT_PATH', ''],
      ]),
    );
    expect(shop.hostAccess.clients.size).toBe(0);
  });

  test('refuses a host without our agent, a login without root, and drivers that make hosts', async () => {
    const { agent: _, ...bare } = shop.hostAccess.found;
    shop.hostAccess.found = { ...shop.hostAccess.found, root: false };
    expect((await adopt('-y')).stderr).toContain('sudo');
    shop.hostAccess.found = bare;
    expect((await adopt('-y')).stderr).toContain('neither our agent nor a Docker Engine');
    shop.driver.controlsPower = true;
    expect((await adopt('-y')).stderr).toContain('cannot adopt');
  });
});
