import { load } from '../support/load.js';

async function merged(base: string, over: string) {
  const indent = (text: string) => text.replace(/^/gm, '    ');
  const file = (text: string) => `services:\n  web:\n${indent(text)}\n`;
  const { project } = await load({
    'compose.yaml': file(`image: i\n${base}`),
    'compose.override.yaml': file(over),
  });
  return project.services['web'];
}

test.each<[string, string, string, object]>([
  ['scalars are replaced', 'hostname: a', 'hostname: b', { hostname: 'b' }],
  ['null says nothing', 'hostname: a', 'hostname:', { hostname: 'a' }],
  ['lists are appended', 'security_opt: [a]', 'security_opt: [b]', { securityOpt: ['a', 'b'] }],
  [
    'commands are replaced',
    'command: [a]\nentrypoint: x',
    'command: b c\nentrypoint: []',
    { command: ['b', 'c'], entrypoint: [] },
  ],
  [
    'environment is merged by name, list or mapping',
    'environment: {A: 1, B: 2}',
    'environment: [B=3, C]',
    { environment: { A: '1', B: '3', C: null } },
  ],
  ['labels are merged by name', 'labels: [a=1, b=2]', 'labels: {b: 3}', { labels: { a: '1', b: '3' } }],
  [
    'ports are unique by all that they say',
    'ports: ["80:80", "81:81"]',
    'ports: ["80:80", "82:81"]',
    { ports: [{ published: '80' }, { published: '81' }, { published: '82' }] },
  ],
  [
    'volumes are unique by their target',
    'volumes: ["./a:/x", "./b:/y"]',
    'volumes: ["./c:/x:ro"]',
    { volumes: [{ target: '/x', readOnly: true }, { target: '/y' }] },
  ],
  ['capabilities are unique', 'cap_add: [A, B]', 'cap_add: [B, C]', { capAdd: ['A', 'B', 'C'] }],
  [
    'ulimits are replaced',
    'ulimits: {nofile: 5}',
    'ulimits: {nofile: {soft: 1, hard: 2}}',
    { ulimits: { nofile: { soft: 1, hard: 2 } } },
  ],
  [
    'options of another logging driver go',
    'logging: {driver: a, options: {x: 1}}',
    'logging: {driver: b, options: {y: 2}}',
    { logging: { driver: 'b', options: { y: '2' } } },
  ],
  [
    'options of the same logging driver are merged',
    'logging: {driver: a, options: {x: 1}}',
    'logging: {options: {y: 2}}',
    { logging: { driver: 'a', options: { x: '1', y: '2' } } },
  ],
  [
    'a short build and a long one',
    'build: ./x',
    'build: {target: t}',
    { build: { target: 't', dockerfile: 'Dockerfile' } },
  ],
  ['extensions are replaced', 'x-a: {b: 1}', 'x-a: {c: 2}', { extensions: { 'x-a': { c: 2 } } }],
  [
    '!reset removes',
    'ports: ["80:80"]\nhostname: a',
    'ports: !reset []\nhostname: !reset null',
    { ports: [], hostname: undefined },
  ],
  ['!override replaces', 'environment: {A: 1}', 'environment: !override {B: 2}', { environment: { B: '2' } }],
])('%s', async (_rule, base, over, expected) => {
  expect(await merged(base, over)).toMatchObject(expected);
});

test('depends_on of both kinds', async () => {
  const other = '\n  db: {image: d}\n  cache: {image: c}';
  const { project } = await load({
    'compose.yaml': `services:\n  web: {image: i, depends_on: [db]}${other}`,
    'compose.override.yaml':
      'services: {web: {depends_on: {db: {restart: true}, cache: {condition: service_healthy}}}}',
  });
  expect(project.services['web']?.dependsOn).toMatchObject({
    db: { condition: 'service_started', restart: true, required: true },
    cache: { condition: 'service_healthy', restart: false },
  });
});

test('address pools of a network are merged by their subnet', async () => {
  const file = (config: string) =>
    `services: {a: {image: i, networks: [n]}}\nnetworks: {n: {ipam: {config: ${config}}}}`;
  const { project } = await load({
    'compose.yaml': file('[{subnet: 10.0.0.0/24}]'),
    'compose.override.yaml': file('[{subnet: 10.0.0.0/24, gateway: 10.0.0.1}, {subnet: 10.1.0.0/24}]'),
  });
  expect(project.networks['n']?.ipam.config).toMatchObject([
    { subnet: '10.0.0.0/24', gateway: '10.0.0.1' },
    { subnet: '10.1.0.0/24' },
  ]);
});

test('a mapping cannot be put over by something else', async () => {
  await expect(merged('healthcheck: {test: a}', 'healthcheck: 5')).rejects.toThrow(
    /^compose\.override\.yaml|compose.override.yaml:3:5: cannot override services\.web\.healthcheck: a mapping is expected$/,
  );
});
