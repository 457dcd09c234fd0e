import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start({ network: { icc: false } });
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function docker(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const serve = ['busybox', 'sh', '-c', 'echo db >/index.html; httpd -p 81 -h /; httpd -f -p 80 -h /'];
const addressOf = (name: string) => docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', name);

const openings = () => lab.inside('nft', 'list', 'set', 'ip', 'tsmachine', 'tcp_linked');

async function isServing(): Promise<void> {
  await docker('exec', 'db', 'sh', '-c', 'until wget -qO- http://127.0.0.1/; do usleep 50000; done');
}

/** Whether a container is answered on a port of another one. */
async function reaches(from: string, address: string, port: number): Promise<boolean> {
  const argv = ['exec', from, 'timeout', '3', 'wget', '-qO-', `http://${address}:${port}/`];
  return (await lab.docker(argv)).stdout === 'db\n';
}

test('with icc=false a link opens the exposed ports of its target, to its container only, under every address', async () => {
  await docker('run', '-d', '--name', 'db', '--expose', '80', ...serve);
  await docker('run', '-d', '--name', 'web', '--link', 'db', '--link', 'db:too', 'busybox', 'sleep', '6000');
  await docker('run', '-d', '--name', 'other', 'busybox', 'sleep', '6000');
  const first = await addressOf('db');
  await isServing();

  expect(await reaches('web', 'db', 80)).toBe(true);
  expect(await reaches('web', 'db', 81)).toBe(false);
  expect(await reaches('other', first, 80)).toBe(false);

  await docker('stop', '-t', '0', 'db');
  expect(await openings()).not.toContain('elements');
  await docker('run', '-d', '--name', 'more', 'busybox', 'sleep', '6000');
  await docker('start', 'db');
  await isServing();
  expect(await addressOf('db')).not.toBe(first);
  expect(await reaches('web', 'db', 80)).toBe(true);

  await lab.endAgent('SIGKILL');
  await lab.startAgent();
  expect(await reaches('web', 'db', 80)).toBe(true);
  await docker('rm', '-f', 'web');
  expect(await openings()).not.toContain('elements');
}, 120_000);
