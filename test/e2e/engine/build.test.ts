import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { buildKitClients, makeDockerConfig } from '../../support/buildkit-clients.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

const clients = await buildKitClients();
const machine = 'builder';

let store: TestStore;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', machine], { timeoutMs: 300_000 });
  env = { ...(await store.dockerEnv(machine)), DOCKER_CONFIG: await makeDockerConfig(store.path) };
  await store.expectOk(['load', '-m', machine, '-i', await buildTinyImage(store.path)]);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

async function project(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = join(store.path, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

/** By default with the newest client. */
async function docker(
  args: readonly string[],
  { cwd, client = clients[0] }: { cwd?: string; client?: (typeof clients)[number] } = {},
) {
  if (!client) throw new Error('there is no client');
  const options = { env: { ...env, ...client.env }, timeoutMs: 100_000, ...(cwd && { cwd }) };
  const { code, stdout, stderr } = await run([client.path, ...args], options);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stdout}\n${stderr}`);
  return `${stdout}${stderr}`;
}

describe.each(clients.map((client) => [client.name, client] as const))('over TLS, %s', (name, client) => {
  test('builds, and builds anew what has changed', async () => {
    const files = {
      Dockerfile: 'FROM busybox\nCOPY big text /\nCMD ["cat", "/text"]\n',
      big: 'x'.repeat(5_000_000),
    };
    const directory = await project(`changed by ${name}`, { ...files, text: 'one' });
    await docker(['build', '-t', 'changed', directory], { client });
    await writeFile(join(directory, 'text'), 'two');

    await docker(['build', '-t', 'changed', directory], { client });

    expect(await docker(['run', '--rm', 'changed'])).toBe('two');
  });
});

describe('Compose', () => {
  test('builds services at once, with arguments, secrets and targets, and runs them', async () => {
    const cwd = await project('composed', {
      'compose.yaml': `
        services:
          one:
            build: {context: one, args: {WHO: you}, secrets: [token]}
            depends_on: [two]
          two:
            image: second
            build: {context: ., dockerfile_inline: "FROM busybox AS wanted\\nCMD echo second\\nFROM wanted\\nRUN false", target: wanted}
        secrets:
          token: {file: token}`,
      'one/Dockerfile':
        'FROM busybox\nARG WHO\nRUN --mount=type=secret,id=token echo $WHO $(cat /run/secrets/token) > /w\nCMD cat /w\n',
      token: 'hush',
    });

    const built = await docker(['compose', 'build'], { cwd });
    const output = await docker(['compose', 'up', '--build', '--no-color'], { cwd });
    await docker(['compose', 'down', '--rmi', 'all'], { cwd });

    expect(built).toMatch(/naming to docker\.io\/library\/composed-one/);
    expect(output).toMatch(/one-1 +\| you hush\n/);
    expect(output).toMatch(/two-1 +\| second\n/);
  });
});

describe('buildx', () => {
  test('builds targets upon each other', async () => {
    const cwd = await project('baked', {
      'docker-bake.json': JSON.stringify({
        target: {
          default: {
            contexts: { below: 'target:base', files: 'dir', image: 'docker-image://busybox' },
            'dockerfile-inline':
              'FROM below\nCOPY --from=files a /\nCOPY --from=image /bin/true /t\nCMD cat /base /a',
            tags: ['baked'],
          },
          base: { 'dockerfile-inline': 'FROM busybox\nRUN echo base > /base' },
        },
      }),
      'dir/a': 'a\n',
    });

    await docker(['buildx', 'bake'], { cwd });

    expect(await docker(['run', '--rm', 'baked'])).toBe('base\na\n');
  });

  test('shows and prunes the cache, and tells of the builder', async () => {
    const directory = await project('cached', {
      Dockerfile: 'FROM busybox\nRUN head -c 3000000 /dev/zero > /z\n',
    });
    await docker(['build', directory]);

    expect(await docker(['buildx', 'du'])).toMatch(/3MB/);
    expect(await docker(['builder', 'prune', '--force', '--filter', 'until=1h'])).toMatch(/Total:\s+0B/);
    expect(await docker(['builder', 'prune', '--all', '--force'])).toMatch(/Total:\s+\d/);
    expect(await docker(['buildx', 'du'])).not.toMatch(/3MB/);
    expect(await docker(['buildx', 'ls'])).toMatch(/running .* linux\//);
    expect(await docker(['buildx', 'inspect'])).toMatch(/Platforms: +linux\//);
  });

  test('writes an archive that docker loads', async () => {
    const directory = await project('archived', { Dockerfile: 'FROM busybox\nCMD echo from an archive\n' });
    const archive = join(store.path, 'archive.tar');

    await docker([
      'buildx',
      'build',
      '-t',
      'archived:1',
      '--output',
      `type=docker,dest=${archive}`,
      directory,
    ]);
    await docker(['load', '-i', archive]);

    expect(await docker(['run', '--rm', 'archived:1'])).toBe('from an archive\n');
  });
});
