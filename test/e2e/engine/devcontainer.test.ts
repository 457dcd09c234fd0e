import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import {
  createTestStore,
  newestDockerClient,
  type Outcome,
  type TestStore,
} from '../../support/tsmachine.js';

// The reference implementation of dev containers, unmodified, with docker 28 below it.
let store: TestStore;
let workspace: string;
let devcontainer: (command: string, ...args: readonly string[]) => Promise<Outcome>;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'dev'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'dev']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  const client = await newestDockerClient();
  const cli = createRequire(import.meta.url).resolve('@devcontainers/cli/devcontainer.js');
  const env = { ...(await store.dockerEnv('dev')), TMPDIR: store.path };
  workspace = join(store.path, 'workspace');
  devcontainer = (command, ...args) => {
    const common = ['--workspace-folder', workspace, '--docker-path', client];
    const folder = ['--user-data-folder', dirname(workspace), '--mount-workspace-git-root', 'false'];
    return run([process.execPath, cli, command, ...common, ...folder, ...args], { env, timeoutMs: 100_000 });
  };
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('a dev container is built, brought up with its workspace in a volume, and used', async () => {
  const configuration = {
    build: { dockerfile: 'Dockerfile' },
    remoteUser: 'root',
    // The directory is here and the engine is there: a bind mount could not reach it.
    workspaceMount: 'source=workspace,target=/workspaces/app,type=volume',
    workspaceFolder: '/workspaces/app',
    containerEnv: { STAGE: 'dev' },
    postCreateCommand: 'echo created > created',
  };
  await mkdir(join(workspace, '.devcontainer'), { recursive: true });
  await writeFile(join(workspace, '.devcontainer/devcontainer.json'), JSON.stringify(configuration));
  await writeFile(join(workspace, '.devcontainer/Dockerfile'), 'FROM busybox\nRUN echo tools > /tools\n');

  const up = await devcontainer('up', '--buildkit', 'never');
  expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining('"outcome":"success"') });
  const inside = await devcontainer('exec', 'sh', '-c', 'cat /tools created; echo $STAGE; pwd');
  expect(inside).toMatchObject({ code: 0, stdout: 'tools\ncreated\ndev\n/workspaces/app\n' });
  expect((await devcontainer('exec', 'sh', '-c', 'exit 3')).code).toBe(3);

  const again = JSON.parse((await devcontainer('up', '--buildkit', 'never')).stdout);
  expect(up.stdout).toContain(again.containerId);
});
