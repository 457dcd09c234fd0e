import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { type ComposeLab, composeLab, dockerCompose2, type LabProject } from './lab.js';

// What variables named COMPOSE_… and options before the command do, beside Docker Compose on the same files.

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['boxes']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

type Variables = Readonly<Record<string, string>>;

/** In the project's directory, without any option of ours. */
const ours = (project: LabProject, args: readonly string[], env: Variables = {}) =>
  lab.store.call(['compose', ...args], { cwd: project.directory, env, timeoutMs: 120_000 });
const theirs = (project: LabProject, args: readonly string[], env: Variables = {}) =>
  run([dockerCompose2, ...args], {
    ...{ cwd: project.directory, env: { ...lab.dockerEnv, ...env }, timeoutMs: 120_000 },
  });

const service = '{ image: busybox, init: true, command: sleep 600, stop_grace_period: 0s }';
const names = async (project: string) =>
  (
    await lab.store.expectOk([
      'ps',
      '-a',
      '--format',
      '{{.Names}}',
      '--filter',
      `label=com.docker.compose.project=${project}`,
    ])
  )
    .split('\n')
    .filter(Boolean)
    .toSorted();

test('orphans are told of, ignored or removed, as the shell or .env says', async () => {
  const project = await lab.project('orphans', `services: { web: ${service}, gone: ${service} }`);
  await project.ok('up', '-d');
  await project.write(`services: { web: ${service} }`);

  const told = await ours(project, ['up', '-d']);
  expect(told.stderr).toContain('Found orphan containers ([orphans-gone-1])');
  const ignored = await ours(project, ['up', '-d'], { COMPOSE_IGNORE_ORPHANS: 'true' });
  expect(ignored).toMatchObject({ code: 0, stderr: expect.not.stringContaining('orphan containers') });
  const both = ['up', '-d', '--remove-orphans'];
  for (const { code, stderr } of [
    await ours(project, both, { COMPOSE_IGNORE_ORPHANS: '1' }),
    await theirs(project, both, { COMPOSE_IGNORE_ORPHANS: '1' }),
  ]) {
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans'),
    ]);
  }
  await writeFile(join(project.directory, '.env'), 'COMPOSE_REMOVE_ORPHANS=1\n');
  expect((await ours(project, ['up', '-d'])).code).toBe(0);
  expect(await names('orphans')).toEqual(['orphans-web-1']);
  await project.ok('down');
});

test('names have underscores with --compatibility and COMPOSE_COMPATIBILITY, as those of docker compose', async () => {
  const project = await lab.project('old', `services: { web: ${service} }`);
  const start = ['up', '-d'];
  await ours(project, ['--compatibility', ...start]);
  expect(await names('old')).toEqual(['old_web_1']);
  expect((await theirs(project, ['--compatibility', ...start])).stderr).toMatch(/old_web_1 +Running/);
  await ours(project, ['down']);
  await ours(project, start, { COMPOSE_COMPATIBILITY: 'true' });
  expect(await names('old')).toEqual(['old_web_1']);
  await ours(project, ['down']);
});

test('--all-resources makes what no service uses, too', async () => {
  const project = await lab.project(
    'all',
    `services: { web: ${service} }\nnetworks: { spare: {} }\nvolumes: { spare: {} }`,
  );
  const made = async () => {
    const label = ['--filter', 'label=com.docker.compose.project=all', '--format', '{{.Name}}'];
    const lists = await Promise.all(
      ['network', 'volume'].map((kind) => lab.store.expectOk([kind, 'ls', ...label])),
    );
    return lists.map((list) => list.split('\n').filter(Boolean).toSorted());
  };
  await ours(project, ['--all-resources', 'up', '-d']);
  expect(await made()).toEqual([['all_default', 'all_spare'], ['all_spare']]);
  await ours(project, ['--all-resources', 'down', '-v']);
  expect(await made()).toEqual([[], []]);
});

test('progress goes to stdout, and as the variables say, also those of .env', async () => {
  const project = await lab.project('told', `services: { web: ${service} }`);
  const onStdout = await ours(project, ['up', '-d'], { COMPOSE_STATUS_STDOUT: '1' });
  expect(onStdout).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Container told-web-1  Started'),
    stderr: '',
  });
  const json = await ours(project, ['stop'], { COMPOSE_PROGRESS: 'json' });
  expect(JSON.parse(json.stderr.split('\n')[0] ?? '')).toMatchObject({ id: 'Container told-web-1' });

  await writeFile(join(project.directory, '.env'), 'COMPOSE_PARALLEL_LIMIT=some\n');
  for (const { code, stderr } of [await ours(project, ['up', '-d']), await theirs(project, ['up', '-d'])]) {
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('COMPOSE_PARALLEL_LIMIT must be an integer (found: "some")'),
    ]);
  }
  expect((await ours(project, ['--parallel', '1', 'down'])).code).toBe(0);
});

test('a project without a file is found by its name in .env', async () => {
  const project = await lab.project('nameless', `name: nameless\nservices: { web: ${service} }`);
  await ours(project, ['up', '-d']);
  await writeFile(join(lab.store.path, '.env'), 'COMPOSE_PROJECT_NAME=nameless\n');
  const down = await lab.store.call(['compose', 'down'], { cwd: lab.store.path });
  expect(down).toMatchObject({ code: 0, stderr: expect.stringContaining('nameless-web-1  Removed') });
  expect(await names('nameless')).toEqual([]);
});

test('a dry run says what docker compose says', async () => {
  const project = await lab.project('rehearsed', `services: { web: ${service}, db: ${service} }`);
  const events = ({ stderr }: { readonly stderr: string }) =>
    [...stderr.matchAll(/(Network|Container) (rehearsed\S+) +(Created|Started)/g)]
      .map(([, ...words]) => words.join(' '))
      .toSorted();
  const [own, other] = [
    await ours(project, ['--dry-run', 'up', '-d']),
    await theirs(project, ['--dry-run', 'up', '-d']),
  ];
  expect(events(own)).toEqual(events(other));
  expect(events(own)).toHaveLength(5);
  expect(await names('rehearsed')).toEqual([]);
});
