import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// The docker-compose that is written in Python (1.29, Debian's), unmodified.
let store: TestStore;
let compose: (...args: readonly string[]) => Promise<string>;
let docker: (...args: readonly string[]) => Promise<string>;

const file = `
version: '2.4'
services:
  db:
    image: busybox
    command: sh -c 'echo stored > /data/file; while true; do nc -l -p 5000 < /data/file; done'
    volumes: [data:/data]
    networks: [back]
  web:
    build:
      context: .
      args: {WHO: compose}
    depends_on: [db]
    links: ["db:database"]
    networks: [back, front]
    environment: {MODE: test}
  worker:
    image: busybox
    command: sleep 600
    depends_on: {db: {condition: service_started}}
    networks: [front]
networks:
  back: {}
  front: {driver: bridge}
volumes:
  data: {}
`;

const dockerfile = `
FROM busybox
ARG WHO
RUN echo built for $WHO > /who
CMD cat /who; echo $MODE; nc database 5000; sleep 600
`;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'old'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'old']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  const cwd = join(store.path, 'project');
  await mkdir(cwd);
  await writeFile(join(cwd, 'docker-compose.yml'), file);
  await writeFile(join(cwd, 'Dockerfile'), dockerfile);
  // Python's requests would take a bundle of the environment for the CA of the machine.
  const { REQUESTS_CA_BUNDLE: _, CURL_CA_BUNDLE: __, ...env } = await store.dockerEnv('old');
  compose = async (...args) => {
    const { code, stdout, stderr } = await run(['docker-compose', ...args], { cwd, env, timeoutMs: 90_000 });
    if (code !== 0)
      throw new Error(`docker-compose ${args.join(' ')} exited with ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  docker = (...args) => store.expectOk(args);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('a project with build, networks, volumes, links, dependencies and scale lives and goes', async () => {
  await compose('up', '-d', '--scale', 'worker=3');
  expect(await names()).toEqual(['db_1', 'web_1', 'worker_1', 'worker_2', 'worker_3']);
  await waitUntil(async () => (await compose('logs', '--no-color', 'web')).includes('stored') || undefined, {
    ...{ what: 'web to reach db by its link', timeoutMs: 30_000 },
  });
  expect(await compose('logs', '--no-color', 'web')).toMatch(/built for compose\n.*test\n.*stored/);
  expect(await compose('exec', '-T', 'worker', 'echo', 'inside')).toBe('inside\n');
  expect(await compose('run', '--rm', 'web', 'echo', 'once')).toContain('once');

  await compose('up', '-d', '--scale', 'worker=1');
  expect(await names()).toEqual(['db_1', 'web_1', 'worker_1']);
  await compose('restart', '-t', '0', 'worker');
  await compose('stop', '-t', '0');
  await compose('start');
  expect(await compose('top', 'worker')).toContain('sleep 600');
  expect(await compose('images', '-q')).toMatch(/^[0-9a-f]{64}$/m);

  await compose('down', '-v', '--rmi', 'local', '-t', '0');
  expect(await docker('ps', '-aq')).toBe('');
  expect(await docker('volume', 'ls', '-q')).toBe('');
  expect(await docker('network', 'ls', '--filter', 'type=custom', '-q')).toBe('');
  expect(await docker('images', 'project_web', '-q')).toBe('');
});

/** What runs, without the name of the project. */
async function names(): Promise<readonly string[]> {
  return (await docker('ps', '--format', '{{.Names}}'))
    .trim()
    .split('\n')
    .map((name) => name.replace(/^project_/, ''))
    .toSorted();
}
