import { type ComposeLab, composeLab, type LabProject } from './lab.js';

// One of ten services cannot be had: what then stays, what is said of it, and that down removes all of it.

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['boxes']);
  await lab.store.expectOk(['run', '-d', '--init', '-p', '9300:80', 'busybox', 'sleep', '600']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

/** Nine services that work, and "s9", which is told more of. */
function ten(last: string, rest = ''): string {
  const services = Array.from({ length: 10 }, (_, number) => {
    const own = number === 9 ? last : 'image: busybox, volumes: ["data:/data"]';
    return `  s${number}: { init: true, command: sleep 600, stop_grace_period: 0s, ${own} }\n`;
  });
  return `services:\n${services.join('')}volumes: { data: {} }\n${rest}`;
}

interface Failure {
  readonly name: string;
  readonly file: string;
  readonly says: RegExp;
  /** Services that run afterwards, whatever happened to be first: at least so many. */
  readonly running: readonly [least: number, most: number];
}

const all = Array.from({ length: 9 }, (_, number) => `s${number}`).join(', ');

test.each<Failure>([
  {
    name: 'port',
    file: ten(`image: busybox, ports: ["9300:80"], depends_on: [${all}]`),
    says: /port is already allocated/,
    running: [9, 9],
  },
  {
    name: 'ports',
    file: ten('image: busybox, ports: ["9300:80"]'),
    says: /port is already allocated/,
    running: [0, 9],
  },
  { name: 'image', file: ten('image: "localhost:1/none:1"'), says: /localhost:1/, running: [0, 0] },
  {
    name: 'health',
    file: ten('image: busybox, depends_on: { sick: { condition: service_healthy } }').replace(
      'services:\n',
      'services:\n  sick: { image: busybox, init: true, command: sleep 600, stop_grace_period: 0s, healthcheck: { test: ["CMD", "false"], interval: 200ms, retries: 1 } }\n',
    ),
    says: /dependency failed to start: container health-sick-1 is unhealthy/,
    running: [1, 10],
  },
  {
    name: 'secret',
    file: ten('image: busybox, secrets: [token]', 'secrets: { token: { file: ./none.txt } }\n'),
    says: /none\.txt/,
    running: [0, 0],
  },
  {
    name: 'cycle',
    file: ten('image: busybox, depends_on: [s0]').replace(
      '["data:/data"]',
      '["data:/data"], depends_on: [s9]',
    ),
    says: /dependency cycle detected: /,
    running: [0, 0],
  },
  {
    name: 'variable',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Compose's
    file: ten('image: "${IMAGE:?which one}"'),
    says: /compose\.yaml:11:\d+: .*services\.s9\.image.*required variable IMAGE is missing a value: which one/,
    running: [0, 0],
  },
])(
  '$name: what was started is said, and down removes it',
  async ({ name, file, says, running }) => {
    const project = await lab.project(name, file);
    const { code, stderr } = await project.compose('up', '-d');

    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) });
    const up = await namesOf(name, 'running');
    expect(up.length).toBeGreaterThanOrEqual(running[0]);
    expect(up.length).toBeLessThanOrEqual(running[1]);
    const told = /started before this happened: (.*)/.exec(stderr)?.[1]?.split(', ') ?? [];
    expect(told.toSorted()).toEqual(up.toSorted());
    await clean(project, name);
  },
  120_000,
);

test('docker compose fails in the same cases, and down of tsmachine removes what it left', async () => {
  const project = await lab.project('theirs', ten('image: busybox, ports: ["9300:80"]'));
  const { code, stderr } = await project.dockerCompose(['up', '-d']);

  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/port is already allocated/) });
  await clean(project, 'theirs');
}, 120_000);

test('a variable that is not set is blank, with a warning', async () => {
  const project = await lab.project('blank', 'services: { s: { image: busybox, command: "echo <$WORD>" } }');
  const { code, stderr } = await project.compose('up', '-d');

  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('The "WORD" variable is not set. Defaulting to a blank string.'),
  });
  await clean(project, 'blank');
});

async function clean(project: LabProject, name: string): Promise<void> {
  // A file that cannot be read is no reason to leave what is there.
  const { code, stderr } = await lab.store.call(
    ['compose', '--project-name', name, 'down', '-v', '-t', '0'],
    {
      cwd: lab.store.path,
    },
  );
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(await namesOf(name)).toEqual([]);
  const label = ['-q', '--filter', `label=com.docker.compose.project=${name}`];
  expect(await lab.store.expectOk(['network', 'ls', ...label])).toBe('');
  expect(await lab.store.expectOk(['volume', 'ls', ...label])).toBe('');
  expect(project.directory).toContain(name);
}

async function namesOf(project: string, state?: string): Promise<readonly string[]> {
  const filters = [`label=com.docker.compose.project=${project}`, ...(state ? [`status=${state}`] : [])];
  const words = filters.flatMap((filter) => ['--filter', filter]);
  const text = await lab.store.expectOk(['ps', '-a', '--format', '{{.Names}}', ...words]);
  return text.split('\n').filter(Boolean);
}
