import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
  // Internal: a name that is not known here is not looked for in the world.
  await docker('network', 'create', '--internal', 'front');
  await docker('network', 'create', '--internal', 'back');
});
afterAll(() => lab?.[Symbol.asyncDispose]());

async function docker(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** A container that sleeps; answers its ID. */
function run(name: string, ...options: readonly string[]): Promise<string> {
  return docker('run', '-d', '--name', name, ...options, 'busybox', 'sleep', '1000');
}

/** The addresses that a container finds for a name, sorted; "none" where the name is not known. */
async function lookUp(container: string, name: string): Promise<string> {
  const { stdout } = await lab.docker(['exec', container, 'nslookup', '-type=a', name]);
  const [, ...answers] = stdout.split(/Name:\s+\S+/);
  return (
    answers
      .map((text) => /Address: (\S+)/.exec(text)?.[1])
      .sort()
      .join(' ') || 'none'
  );
}

function addressOf(container: string, network: string): Promise<string> {
  return docker('inspect', '-f', `{{.NetworkSettings.Networks.${network}.IPAddress}}`, container);
}

test('containers find each other by name, alias and short ID on networks that they share, at once', async () => {
  const id = await run('web', '--network', 'front', '--network-alias', 'www');
  await run('asker', '--network', 'front');
  await run('other', '--network', 'back');
  const address = await addressOf('web', 'front');
  for (const name of ['web', 'www', id.slice(0, 12), 'web.front']) {
    expect(await lookUp('asker', name)).toBe(address);
  }
  expect(await lookUp('other', 'web')).toBe('none');
  expect(await docker('exec', 'asker', 'cat', '/etc/resolv.conf')).toMatch(
    /^nameserver 127\.0\.0\.11\n(search .*\n)?options .*ndots:0$/,
  );
});

test('a name is known from connect to disconnect, and a new one after a rename', async () => {
  await docker('network', 'connect', '--alias', 'spare', 'front', 'other');
  expect(await lookUp('asker', 'spare')).toBe(await addressOf('other', 'front'));
  expect(await lookUp('other', 'web')).toBe(await addressOf('web', 'front'));
  expect(await docker('exec', 'other', 'cat', '/etc/hosts')).toContain(await addressOf('other', 'front'));
  await docker('rename', 'other', 'renamed');
  expect(await lookUp('asker', 'renamed')).toBe(await addressOf('renamed', 'front'));
  expect(await lookUp('asker', 'other')).toBe('none');
  const gone = await addressOf('renamed', 'front');
  await docker('network', 'disconnect', 'front', 'renamed');
  expect(await lookUp('asker', 'renamed')).toBe('none');
  expect(await lookUp('renamed', 'web')).toBe('none');
  expect(await docker('exec', 'renamed', 'cat', '/etc/hosts')).not.toContain(gone);
});

test('all who share an alias are found', async () => {
  await run('one', '--network', 'front', '--network-alias', 'pool');
  await run('two', '--network', 'front', '--network-alias', 'pool');
  const addresses = [await addressOf('one', 'front'), await addressOf('two', 'front')].sort();
  expect(await lookUp('asker', 'pool')).toBe(addresses.join(' '));
  await docker('kill', 'two');
  expect(await lookUp('asker', 'pool')).toBe(await addressOf('one', 'front'));
});

test('a container finds names with its first instruction, and the reverse', async () => {
  const address = await addressOf('web', 'front');
  const script = `nslookup -type=a web && nslookup ${address}`;
  const found = await docker('run', '--rm', '--network', 'front', 'busybox', 'sh', '-c', script);
  expect(found).toContain(`Address: ${address}`);
  expect(found).toContain('name = web.front');
});

test('a container on the default bridge finds no names there, and those of a network that it joins', async () => {
  await run('plain');
  expect(await docker('exec', 'plain', 'cat', '/etc/resolv.conf')).not.toContain('127.0.0.11');
  await docker('network', 'connect', 'front', 'plain');
  expect(await lookUp('plain', 'web')).toBe(await addressOf('web', 'front'));
  expect(await lookUp('plain', 'plain')).toBe(await addressOf('plain', 'front'));
});

test('a link is a name that only its container knows', async () => {
  await run('linked', '--network', 'front', '--link', 'web:database');
  expect(await lookUp('linked', 'database')).toBe(await addressOf('web', 'front'));
  expect(await lookUp('asker', 'database')).toBe('none');
});

test('look-ups go on after the agent was killed and started again', async () => {
  const script = 'for i in $(seq 8); do until nslookup -type=a web; do sleep 0.1; done; sleep 0.2; done';
  await docker('run', '-d', '--name', 'loop', '--network', 'front', 'busybox', 'sh', '-c', script);
  await lab.endAgent('SIGKILL');
  await lab.startAgent();
  expect(await lookUp('asker', 'web')).toBe(await addressOf('web', 'front'));
  expect(await docker('wait', 'loop')).toBe('0');
});
