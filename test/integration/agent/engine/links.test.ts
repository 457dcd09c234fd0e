import { dockerClients } from '../../../support/tsmachine.js';
import { AgentLab } from './support/agent-lab.js';

const clients = (await dockerClients()).map(({ path }) => path);

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

describe.each(clients)('docker run --link with %s', (client) => {
  const docker = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.docker(args, { client });
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const addressOf = (name: string) => docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', name);

  afterEach(async () => {
    await lab.docker(['rm', '-f', 'web', 'db', 'other']);
  });

  test('a linked container is in the hosts file and the environment, also under a new address', async () => {
    await docker(
      'run',
      '-d',
      '--name',
      'db',
      '--expose',
      '5432',
      '-e',
      'MODE=fast',
      'busybox',
      'sleep',
      '600',
    );
    await docker('run', '-d', '--name', 'web', '--link', 'db:database', 'busybox', 'sleep', '600');
    const address = await addressOf('db');

    expect(await docker('exec', 'web', 'ping', '-c', '1', 'database')).toContain(`(${address})`);
    expect((await docker('exec', 'web', 'env')).split('\n')).toEqual(
      expect.arrayContaining([
        `DATABASE_PORT_5432_TCP_ADDR=${address}`,
        'DATABASE_NAME=/web/database',
        'DATABASE_ENV_MODE=fast',
      ]),
    );
    expect(await docker('inspect', '-f', '{{json .HostConfig.Links}}', 'web')).toBe('["/db:/web/database"]');
    expect(await docker('ps', '--no-trunc', '--format', '{{.Names}}', '-f', 'name=db')).toContain(
      'web/database',
    );

    await docker('stop', '-t', '0', 'db');
    await docker('run', '-d', '--name', 'other', 'busybox', 'sleep', '600');
    await docker('start', 'db');
    expect(await addressOf('db')).not.toBe(address);
    expect(await docker('exec', 'web', 'ping', '-c', '1', 'db')).toContain(`(${await addressOf('db')})`);
  });

  test('a link to what does not run is refused at the start; one that is removed is forgotten', async () => {
    await docker('create', '--name', 'db', 'busybox', 'sleep', '600');
    await docker('create', '--name', 'web', '--link', 'db', 'busybox', 'sleep', '600');

    const refused = await lab.docker(['start', 'web'], { client });
    expect(refused.stderr).toContain('Cannot link to a non running container: /db AS /web/db');
    await docker('rm', '--link', 'web/db');
    expect(await docker('inspect', '-f', '{{json .HostConfig.Links}}', 'web')).toBe('null');
    await docker('start', 'web');
    expect((await lab.docker(['create', '--link', 'nobody', 'busybox'], { client })).stderr).toContain(
      'No such container: nobody',
    );
  });
});
