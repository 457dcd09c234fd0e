import { type ComposeLab, composeLab, type LabProject } from './lab.js';

// The docker-compose that is written in Python (1.29, Debian's) on the same projects.
const program = ['env', '-u', 'REQUESTS_CA_BUNDLE', '-u', 'CURL_CA_BUNDLE', 'docker-compose'];

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['boxes']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

const file = `
version: "2.4"
services:
  db:
    image: busybox
    init: true
    command: sh -c "echo kept >> /data/file; exec sleep 600"
    volumes: ["data:/data"]
    networks: { back: { aliases: [store] } }
  web:
    image: busybox
    init: true
    command: sleep 600
    depends_on: [db]
    networks: [back, front]
networks: { back: {}, front: { labels: { side: front } } }
volumes: { data: { labels: { keep: "yes" } } }
`;

/** Runs docker-compose 1.29; throws unless it exits with 0. Answers stdout. */
async function old(project: LabProject, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await project.dockerCompose(args, program);
  if (code !== 0)
    throw new Error(`docker-compose ${args.join(' ')} exited with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

async function left(project: string): Promise<string> {
  const filter = ['-q', '--filter', `label=com.docker.compose.project=${project}`];
  const lists = [
    ['container', 'ls', '-a'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ];
  return (await Promise.all(lists.map((list) => lab.store.expectOk([...list, ...filter])))).join('');
}

test('what docker-compose 1.29 has started is listed, scaled, changed and removed', async () => {
  const project = await lab.project('began', file);
  await old(project, 'up', '-d');
  const rows = ['ps', '--format', '{{.Name}} {{.Service}} {{.State}}'];

  expect(await project.ok(...rows)).toBe('began_db_1 db running\nbegan_web_1 web running\n');
  expect(await project.ok('exec', '-T', 'web', 'ping', '-c', '1', '-W', '5', 'store')).toContain(
    '1 packets received',
  );
  await project.ok('stop', '-t', '0', 'web');
  await project.ok('start', 'web');
  await project.ok('restart', '-t', '0', 'db');
  expect(await project.ok('logs', '--no-log-prefix', 'web')).toBe('');

  const made = await lab.store.expectOk([
    'network',
    'ls',
    '-q',
    '--filter',
    'label=com.docker.compose.project=began',
  ]);
  const { code, stderr } = await project.compose('up', '-d', '-t', '0', '--scale', 'web=2');
  expect([code, stderr]).toEqual([0, expect.stringContaining('Container began-web-2  Started')]);
  expect(await project.ok('exec', '-T', 'db', 'cat', '/data/file')).toBe('kept\n'.repeat(3));
  expect(
    await lab.store.expectOk(['network', 'ls', '-q', '--filter', 'label=com.docker.compose.project=began']),
  ).toBe(made);
  const again = await project.compose('up', '-d', '--scale', 'web=2');
  expect(again).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/Recreate|Creating/) });

  await project.ok('down', '-v', '-t', '0');
  expect(await left('began')).toBe('');
});

test('what tsmachine has started is listed, scaled, changed and removed by docker-compose 1.29', async () => {
  const project = await lab.project('handed', file);
  await project.ok('up', '-d');

  const names = (await old(project, 'ps')).match(/^handed\S+/gm);
  expect(names).toEqual(['handed-db-1', 'handed-web-1']);
  expect(await old(project, 'exec', '-T', 'web', 'ping', '-c', '1', '-W', '5', 'store')).toContain(
    '1 packets received',
  );
  await old(project, 'stop', '-t', '0', 'web');
  await old(project, 'start', 'web');
  await old(project, 'up', '-d', '-t', '0', '--scale', 'web=2');
  expect(await old(project, 'exec', '-T', 'db', 'cat', '/data/file')).toBe('kept\n'.repeat(2));
  expect((await project.ok('ps', '-q')).trim().split('\n')).toHaveLength(3);

  await old(project, 'down', '-v', '-t', '0');
  expect(await left('handed')).toBe('');
});
