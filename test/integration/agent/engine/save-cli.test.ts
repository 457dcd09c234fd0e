import { dockerClients } from '../../../support/tsmachine.js';
import { AgentLab } from './support/agent-lab.js';

const clients = (await dockerClients()).map(({ path }) => path);

let lab: AgentLab;

beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(() => lab[Symbol.asyncDispose]());

describe.each(clients)('%s', (client) => {
  const docker = (args: readonly string[], input: string | Buffer = '') =>
    lab.docker(args, { client, input });

  test('a push of what is not there fails in words of docker', async () => {
    const { code, stderr } = await docker(['push', `127.0.0.1:1/none`]);

    expect(code).toBe(1);
    expect(stderr).toContain(`An image does not exist locally with the tag: 127.0.0.1:1/none`);
  });

  test('what was saved is loaded again', async () => {
    await docker(['tag', 'busybox', 'saved:1']);
    const saved = await docker(['save', 'saved:1']);
    await docker(['rmi', 'saved:1']);

    const loaded = await docker(['load'], Buffer.from(saved.stdout, 'latin1'));

    expect(loaded.stdout).toBe('Loaded image: saved:1\n');
    expect((await docker(['save', 'none'])).stderr).toContain('No such image: none');
  });
});
