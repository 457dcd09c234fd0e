import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { run } from '../../../src/shared/spawn.js';
import { type ComposeLab, composeLab } from './lab.js';

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['boxes']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

const docker = async (...args: string[]) => (await lab.store.expectOk(args)).trim();

const shop = (web: string) => `
services:
  db:
    image: busybox
    command: sleep 600
    init: true
    healthcheck: { test: ["CMD", "test", "-e", "/tmp"], interval: 500ms }
    volumes: [data:/data, /scratch]
    environment: { A: "1" }
    secrets: [token]
    configs: [{ source: greeting, target: /etc/greeting }, { source: motd, target: /etc/motd, mode: 0400 }]
  web:
    image: busybox
    init: true
    command: ${web}
    depends_on: { db: { condition: service_healthy } }
    networks: { default: { aliases: [www] }, back: {} }
    ports: ["8080:80"]
volumes: { data: {} }
networks: { back: { internal: true } }
secrets: { token: { environment: TOKEN } }
configs: { greeting: { content: "hello\\n" }, motd: { file: motd.txt } }
`;

test('a project goes through its life', async () => {
  const project = await lab.project('shop', {
    'compose.yaml': shop('sleep 600'),
    '.env': 'TOKEN=s3cret\n',
    'motd.txt': 'one\n',
  });
  const { stderr } = await project.compose('up', '-d');
  const order = ['Network shop_back  Created', 'Volume "shop_data"  Created', 'Container shop-db-1  Healthy'];
  for (const line of [...order, 'Container shop-web-1  Started']) expect(stderr).toContain(line);
  expect(stderr.indexOf('shop-db-1  Healthy')).toBeLessThan(stderr.indexOf('shop-web-1  Starting'));

  expect(await project.ok('ps', '--format', '{{.Service}} {{.Health}} {{.State}}')).toBe(
    'db healthy running\nweb  running\n',
  );
  expect(await project.ok('exec', '-T', 'db', 'cat', '/run/secrets/token', '/etc/greeting')).toBe(
    's3crethello\n',
  );
  expect(await project.ok('exec', '-T', 'db', 'sh', '-c', 'cat /etc/motd; stat -c %a /etc/motd')).toBe(
    'one\n400\n',
  );
  expect(await project.ok('port', 'web', '80')).toBe('0.0.0.0:8080\n');
  expect((await project.compose('exec', '-T', 'web', 'sh', '-c', 'exit 7')).code).toBe(7);
  await project.ok('exec', '-T', 'db', 'sh', '-c', 'echo kept > /scratch/file');

  // Only what has changed is made anew; the anonymous volume of the other one is not touched.
  const before = await docker('container', 'inspect', '-f', '{{.Id}}', 'shop-db-1');
  await project.write(shop('sleep 601'));
  await writeFile(join(project.directory, 'motd.txt'), 'two\n');
  const second = (await project.compose('up', '-d')).stderr;
  expect(second).toContain('Container shop-web-1  Recreated');
  expect(second).toContain('Container shop-db-1  Running');
  expect(await docker('container', 'inspect', '-f', '{{.Id}}', 'shop-db-1')).toBe(before);

  expect(await project.ok('exec', '-T', 'db', 'cat', '/etc/motd')).toBe('two\n');

  await project.ok('up', '-d', '--force-recreate', '--no-deps', 'db');
  expect(await docker('container', 'inspect', '-f', '{{.Id}}', 'shop-db-1')).not.toBe(before);
  expect(await project.ok('exec', '-T', 'db', 'cat', '/scratch/file')).toBe('kept\n');

  await project.ok('stop', '-t', '1');
  expect(await project.ok('ps', '-q')).toBe('');
  await project.ok('start');
  expect((await project.ok('ps', '-q')).split('\n')).toHaveLength(3);
  await project.ok('down', '-v', '-t', '1');
  expect(await project.ok('ps', '-aq')).toBe('');
  expect(await docker('volume', 'ls', '-q', '--filter', 'label=com.docker.compose.project=shop')).toBe('');
  expect(await docker('network', 'ls', '-q', '--filter', 'label=com.docker.compose.project=shop')).toBe('');
});

test('what was started before something failed is said, and down cleans it', async () => {
  const services = Array.from(
    { length: 5 },
    (_, index) =>
      `  s${index}: { image: busybox, init: true, command: sleep 600, ports: ["${index === 4 ? 9100 : 9100 + index}:80"],` +
      ` depends_on: [${index === 4 ? 's0, s1, s2, s3' : ''}] }`,
  );
  const project = await lab.project('taken', `services:\n${services.join('\n')}\n`);
  const { code, stderr } = await project.compose('up', '-d');

  expect(code).toBe(1);
  expect(stderr).toMatch(/port is already allocated/);
  expect(stderr).toMatch(/started before this happened: .*taken-s0-1/);
  expect(stderr).toContain('run "tsmachine compose down"');
  await project.ok('down', '-t', '0');
  expect(await docker('ps', '-aq', '--filter', 'label=com.docker.compose.project=taken')).toBe('');
  expect(await docker('network', 'ls', '-q', '--filter', 'label=com.docker.compose.project=taken')).toBe('');
});

test('a dependency that fails, or is never healthy, keeps the others from being started', async () => {
  const project = await lab.project(
    'failing',
    `
services:
  job: { image: busybox, command: sh -c "exit 3" }
  sick: { image: busybox, init: true, command: sleep 600, healthcheck: { test: ["CMD", "false"], interval: 200ms, retries: 1 } }
  one: { image: busybox, depends_on: { job: { condition: service_completed_successfully } } }
  two: { image: busybox, depends_on: { sick: { condition: service_healthy } } }
`,
  );
  const one = await project.compose('up', '-d', 'one');
  expect([one.code, one.stderr]).toEqual([
    1,
    expect.stringContaining(`service "job" didn't complete successfully: exit 3`),
  ]);
  const two = await project.compose('up', '-d', 'two');
  expect([two.code, two.stderr]).toEqual([
    1,
    expect.stringContaining('dependency failed to start: container failing-sick-1 is unhealthy'),
  ]);
  expect(await project.ok('ps', '-a', '--format', '{{.Name}} {{.State}}')).toContain('failing-one-1 created');
  await project.ok('down', '-t', '0');
});

test('an image that is nowhere is said before anything is made', async () => {
  const project = await lab.project('absent', 'services: { web: { image: nowhere.invalid/app } }\n');
  const { code, stderr } = await project.compose('up', '-d', '--pull', 'never');
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('no such image: nowhere.invalid/app of service "web"'),
  ]);
  expect(await project.ok('ps', '-aq')).toBe('');
  expect(await docker('network', 'ls', '-q', '--filter', 'label=com.docker.compose.project=absent')).toBe('');
});

describe('attached', () => {
  const greeter = (command: string) => `
services:
  greeter: { image: busybox, init: true, command: ${command} }
  other: { image: busybox, init: true, command: sleep 600 }
`;

  test('output is shown with the names of containers, and one exit ends all with its code', async () => {
    const project = await lab.project('attached', greeter(`sh -c "echo out; echo err >&2; exit 4"`));
    const { code, stdout, stderr } = await project.compose('up', '--abort-on-container-exit', '-t', '1');

    expect(code).toBe(4);
    expect(stdout).toContain('Attaching to greeter-1, other-1\n');
    expect(stdout).toContain('greeter-1  | out\n');
    expect(stderr).toContain('greeter-1  | err\n');
    expect(stdout).toContain('greeter-1 exited with code 4\n');
    expect(await project.ok('ps', '-q')).toBe('');
    expect(await project.ok('logs', '--no-log-prefix', 'greeter')).toBe('out\n');
    await project.ok('down');
  });

  test('Ctrl-C stops what runs, and says so with 130', async () => {
    const project = await lab.project('interrupted', greeter(`sh -c "echo ready; exec sleep 600"`));
    const place = ['compose', '--file', join(project.directory, 'compose.yaml'), 'up', '-t', '1'];
    const child = spawn(resolve('bin/tsmachine.cjs'), place, {
      env: lab.store.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors = text(child.stderr);
    let written = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      written += chunk;
      if (chunk.includes('| ready')) child.kill('SIGINT');
    });
    const [code] = await once(child, 'exit');

    expect([code, await errors]).toEqual([130, expect.stringContaining('Gracefully stopping...')]);
    expect(written).toContain('Attaching to greeter-1, other-1\n');
    expect(await project.ok('ps', '-q')).toBe('');
    expect((await project.ok('ps', '-aq')).trim().split('\n')).toHaveLength(2);
    await project.ok('down');
  });
});

test('a command is run once with the service beside it, and leaves nothing', async () => {
  const project = await lab.project(
    'once',
    `
services:
  db: { image: busybox, init: true, command: sleep 600 }
  app: { image: busybox, command: "true", depends_on: [db], environment: { B: "2" }, ports: ["9200:80"], restart: always }
`,
  );
  const { code, stdout } = await project.compose(
    'run',
    '--rm',
    '-T',
    '-e',
    'C=3',
    'app',
    'sh',
    '-c',
    'echo $B $C; exit 5',
  );
  expect([code, stdout]).toEqual([5, '2 3\n']);
  expect(await project.ok('ps', '-a', '--format', '{{.Name}}')).toBe('once-db-1\n');
  const id = await project.ok('run', '-d', '--name', 'kept', 'app', 'sleep', '600');
  expect(
    await docker('container', 'inspect', '-f', '{{.Id}} {{.HostConfig.RestartPolicy.Name}}', 'kept'),
  ).toBe(`${id.trim()} no`);
  await project.ok('down', '-t', '0', '--remove-orphans');
  expect(await docker('ps', '-aq', '--filter', 'label=com.docker.compose.project=once')).toBe('');
});

test('an image is built from its context, and labelled as the project’s', async () => {
  const project = await lab.project('built', {
    'compose.yaml':
      'services: { app: { build: { context: app, args: { WORD: there } }, init: true, command: sleep 600 } }\n',
    'app/Dockerfile': 'FROM busybox\nARG WORD\nCOPY . /src\nRUN echo hello $WORD > /word\n',
    'app/.dockerignore': 'left-out\n',
    'app/left-out': '',
    'app/kept': '',
  });
  await project.ok('up', '-d', '--build');
  expect(await project.ok('exec', '-T', 'app', 'sh', '-c', 'cat /word; ls /src')).toBe(
    'hello there\nDockerfile\nkept\n',
  );
  expect(await docker('image', 'inspect', '-f', '{{json .Config.Labels}}', 'built-app')).toContain(
    '"com.docker.compose.project":"built"',
  );
  await project.ok('down', '--rmi', 'local', '-t', '0');
  expect(await docker('images', '-q', 'built-app')).toBe('');
});

test('builds take secrets, agents and other services’ images along, several at the same time', async () => {
  const project = await lab.project('kit', {
    'compose.yaml': `
services:
  app:
    image: kit-app
    build:
      context: app
      secrets: [token, { source: word, target: said }]
      ssh: [default]
      additional_contexts: { base: "service:base", more: more }
      extra_hosts: { db: 10.1.2.3 }
      tags: [kit-app:second]
    init: true
    command: sleep 600
  base:
    build: { dockerfile_inline: "FROM busybox\\nRUN echo from base > /base" }
  other:
    build: { context: app, target: early, no_cache: true }
secrets: { token: { file: token.txt }, word: { environment: WORD } }
`,
    'app/Dockerfile': `FROM busybox AS early
RUN echo early
FROM base
COPY --from=more file /file
RUN --mount=type=secret,id=token --mount=type=secret,id=said [ "$(cat /run/secrets/token /run/secrets/said)" = onetwo ]
RUN --mount=type=ssh [ -S "$SSH_AUTH_SOCK" ] && grep -q db /etc/hosts
`,
    'more/file': 'more',
    'token.txt': 'one',
    '.env': 'WORD=two\n',
  });
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(project.directory, 'key')]);

  const { code, stderr } = await project.compose(
    'build',
    '--ssh',
    `default=${join(project.directory, 'key')}`,
  );
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stderr).toMatch(/^#\d+ \[app .*\d\/\d\] COPY --from=more file \/file$/m);
  expect(stderr).toMatch(/^#\d+ \[other .*early \d\/\d\] RUN echo early$/m);
  expect(await docker('run', '--rm', 'kit-app:second', 'cat', '/base', '/file')).toBe('from base\nmore');
  const refused = await project.compose('build', '--builder', 'elsewhere');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('no builder "elsewhere" found') });

  await project.write(
    'services: { a: { build: { context: ., additional_contexts: { b: "service:b" } } }, b: { build: { context: ., additional_contexts: { a: "service:a" } } } }\n',
  );
  const cycle = await project.compose('build');
  expect(cycle.stderr).toMatch(/begin with each other's images: (a -> b -> a|b -> a -> b)/);
});

test('the Dockerfiles of services are checked, and nothing is built', async () => {
  const project = await lab.project('checked', {
    'compose.yaml': 'services: { bad: { build: bad }, good: { build: good }, other: { image: busybox } }\n',
    'bad/Dockerfile': 'FROM busybox AS One\nRUN true\n',
    'good/Dockerfile': 'FROM busybox\nRUN true\n',
  });

  const checked = await project.compose('build', '--check');

  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(
    /^bad: Check complete, 1 warning has been found!\n\nWARNING: StageNameCasing/,
  );
  expect(checked.stdout).toMatch(/^good: Check complete, no warnings found.\n/m);
  expect(await project.ok('build', '--check', 'good')).toBe('good: Check complete, no warnings found.\n');
  expect(await docker('images', '-q', 'checked-good')).toBe('');
});

test('a container of a service is measured, exported and made an image of', async () => {
  const project = await lab.project(
    'measured',
    'services: { app: { image: busybox, init: true, command: sh -c "echo kept > /file; exec sleep 600" }, other: { image: busybox, command: sleep 600 } }\n',
  );
  await project.ok('up', '-d', '-t', '0');
  const samples = await project.ok('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'app');
  expect(samples).toMatch(/^measured-app-1 [1-9]\d*\n$/);
  expect(await project.ok('stats', '--no-stream')).toMatch(
    /^CONTAINER ID .*\n.*measured-app-1 .*\n.*measured-other-1 /,
  );

  await project.ok('stop', '-t', '0', 'app');
  expect(await project.ok('stats', '--no-stream', '--format', '{{.Name}}')).toBe('measured-other-1\n');
  const archive = join(project.directory, 'app.tar');
  await project.ok('export', '-o', archive, 'app');
  expect((await run(['tar', '-xOf', archive, 'file'])).stdout).toBe('kept\n');
  const id = await project.ok('commit', '-m', 'as it was', 'app', 'measured:v1');
  expect(await docker('image', 'inspect', '-f', '{{.Id}} {{.Comment}}', 'measured:v1')).toBe(
    `${id.trim()} as it was`,
  );
  expect((await project.compose('export', '-o', archive, '--index', '2', 'app')).code).not.toBe(0);
  await project.ok('down', '-t', '0');
  await docker('rmi', 'measured:v1');
});

test('a dry run says what it would do, and does nothing', async () => {
  const project = await lab.project('dry', 'services: { web: { image: busybox, command: sleep 600 } }\n');
  const { stderr } = await project.compose('up', '-d', '--dry-run');
  expect(stderr).toContain('DRY-RUN MODE -  Container dry-web-1  Started');
  expect(await docker('ps', '-aq', '--filter', 'label=com.docker.compose.project=dry')).toBe('');
  expect(await docker('network', 'ls', '-q', '--filter', 'label=com.docker.compose.project=dry')).toBe('');
});
