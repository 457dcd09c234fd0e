import { type ComposeLab, composeLab } from './lab.js';

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['near', 'far']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

const spread = (machine: string) => `
services:
  web: { image: busybox, init: true, command: sh -c "echo near; exec sleep 600", depends_on: [db] }
  db:
    image: busybox
    init: true
    command: sh -c "echo far; exec sleep 600"
    x-machine: ${machine}
    volumes: ["data:/data"]
volumes: { data: {} }
`;

test('one project is spread over two machines, and all commands work on both', async () => {
  const project = await lab.project('spread', spread('far'));
  const names = async (machine: string) =>
    (await lab.store.expectOk(['container', 'ls', '-a', '-m', machine, '--format', '{{.Names}}'])).trim();
  const { stderr } = await project.compose('up', '-d');

  expect(stderr).toContain('Container spread-db-1 (far)  Started');
  expect(stderr).toContain('service "web" on near cannot reach "db" on far');
  expect([await names('near'), await names('far')]).toEqual(['spread-web-1', 'spread-db-1']);
  expect(await project.ok('ps')).toMatch(/^NAME +MACHINE .*\nspread-db-1 +far .*\nspread-web-1 +near /);
  expect(await project.ok('logs')).toBe('db-1   | far\nweb-1  | near\n');
  expect(await project.ok('exec', '-T', 'db', 'ls', '/data')).toBe('');

  // A service that is given another machine moves.
  await project.write(spread('near').replace('depends_on: [db]', 'depends_on: [db], x-machine: far'));
  await project.ok('up', '-d', '-t', '1');
  expect([await names('near'), await names('far')]).toEqual(['spread-db-1', 'spread-web-1']);

  await project.ok('down', '-v', '-t', '0');
  expect([await names('near'), await names('far')]).toEqual(['', '']);
  for (const machine of ['near', 'far']) {
    expect(await lab.store.expectOk(['network', 'ls', '-m', machine, '-q', '--filter', 'name=spread'])).toBe(
      '',
    );
    expect(await lab.store.expectOk(['volume', 'ls', '-m', machine, '-q', '--filter', 'name=spread'])).toBe(
      '',
    );
  }
});

test('without its file a project is found on all its machines, and one of the same name elsewhere is left alone', async () => {
  const project = await lab.project('named', spread('far'));
  await project.ok('up', '-d');
  const named = ['compose', '--project-name', 'named'];
  const elsewhere = { cwd: lab.store.path };
  const columns = [...named, 'ps', '--format', '{{.Name}} {{.Machine}}'];

  expect(await lab.store.expectOk(columns, elsewhere)).toBe('named-db-1 far\nnamed-web-1 near\n');
  await project.ok('rm', '-sf', 'web');
  await lab.store.expectOk([...named, 'down', '-v', '-t', '0'], elsewhere);
  expect(await lab.store.expectOk(['container', 'ls', '-aq', '-m', 'far'])).toBe('');

  await project.write('services: { web: { image: busybox, init: true, command: sleep 600 } }\n');
  await project.ok('--machine', 'far', 'up', '-d');
  await lab.store.expectOk([...named, 'down', '-t', '0'], elsewhere);
  expect(await lab.store.expectOk(['container', 'ls', '-aq', '-m', 'far'])).not.toBe('');
  await lab.store.expectOk([...named, 'down', '--machine', 'far', '-t', '0'], elsewhere);
  expect(await lab.store.expectOk(['container', 'ls', '-aq', '-m', 'far'])).toBe('');
});
