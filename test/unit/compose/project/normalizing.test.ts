import { load } from '../support/load.js';

async function service(attributes: string, others = '') {
  const { project } = await load(
    `services:\n  web: {image: i, ${attributes}}\n  other: {image: o}\n${others}`,
  );
  return project.services['web'];
}

test('a service that names no network joins the default one', async () => {
  const { project } = await load('services: {a: {image: i}, b: {image: i, network_mode: host}}');
  expect(Object.keys(project.services['a']?.networks ?? {})).toEqual(['default']);
  expect(project.services['b']?.networks).toEqual({});
  expect(project.networks).toMatchObject({ default: { name: 'shop_default' } });
});

test('there is no default network where none joins it', async () => {
  const { project } = await load('services: {a: {image: i, networks: [n]}}\nnetworks: {n: }');
  expect(Object.keys(project.networks)).toEqual(['n']);
});

test.each<[string, string, object]>([
  ['links', 'links: ["other:alias"]', { condition: 'service_started', restart: true, required: true }],
  ['volumes_from', 'volumes_from: ["other:ro"]', { condition: 'service_started', restart: false }],
  ['a shared network', 'network_mode: "service:other"', { restart: true }],
  ['a shared pid namespace', 'pid: "service:other"', { restart: true }],
  [
    'what is said of it stays',
    'links: [other], depends_on: {other: {condition: service_healthy}}',
    { condition: 'service_healthy', restart: false },
  ],
])('%s implies a dependency', async (_what, attributes, dependency) => {
  expect((await service(attributes))?.dependsOn).toMatchObject({ other: dependency });
});

test('volumes of containers outside imply none', async () => {
  expect((await service('volumes_from: ["container:x"]'))?.dependsOn).toEqual({});
});

test('resources are named after the project unless they have a name or are external', async () => {
  const { project } = await load(
    'services: {a: {image: i, volumes: ["one:/a", "two:/b", "three:/c", "four:/d"]}}\nvolumes: {one: , two: {name: own}, three: {external: true}, four: {external: {name: old}}}',
  );
  expect(Object.entries(project.volumes).map(([key, { name }]) => [key, name])).toEqual([
    ['one', 'shop_one'],
    ['two', 'own'],
    ['three', 'three'],
    ['four', 'old'],
  ]);
});

test('what no enabled service uses is left out', async () => {
  const { project } = await load(
    'services: {a: {image: i}, b: {image: i, profiles: [p], volumes: ["v:/v"]}}\nvolumes: {v: }\nnetworks: {n: }',
  );
  expect(project.volumes).toEqual({});
  expect(Object.keys(project.networks)).toEqual(['default']);
});

test('variables without a value take that of the environment; build arguments without one go', async () => {
  const { project } = await load(
    'services: {a: {build: {args: [A, NO, B=1]}, environment: {A: , NO: , C: 1}}}',
    { environment: { A: 'of the shell' } },
  );
  expect(project.services['a']?.environment).toEqual({ A: 'of the shell', NO: null, C: '1' });
  expect(project.services['a']?.build?.args).toEqual({ A: 'of the shell', B: '1' });
});

test('paths are made absolute; ~ is the home directory', async () => {
  const { project, directory } = await load(
    'services: {a: {build: ./b, volumes: ["./x:/x/", "~/y:/y", "../z:/z"], env_file: e.env}}',
    { resolveEnvironment: false },
  );
  const home = (await import('node:os')).homedir();
  expect(project.services['a']?.build?.context).toBe(`${directory}/b`);
  expect(project.services['a']?.volumes.map(({ source, target }) => [source, target])).toEqual([
    [`${directory}/x`, '/x'],
    [`${home}/y`, '/y'],
    [`${directory.replace(/\/[^/]*$/, '')}/z`, '/z'],
  ]);
  expect(project.services['a']?.envFile).toEqual([
    { path: `${directory}/e.env`, required: true, format: undefined },
  ]);
});

test('env files come before the shell only for what they say, and after environment', async () => {
  const { project } = await load(
    {
      'compose.yaml':
        'services: {a: {image: i, env_file: [a.env, b.env, {path: no.env, required: false}], environment: {C: own}}}',
      'a.env': 'A=1\nB=1\nC=1',
      'b.env': 'B=2\nD=$B-$S',
    },
    { environment: { S: 'shell', A: 'not this' } },
  );
  expect(project.services['a']?.environment).toEqual({ A: '1', B: '2', C: 'own', D: '1-shell' });
});

test('label files come below labels', async () => {
  const { project } = await load({
    'compose.yaml': 'services: {a: {image: i, label_file: l, labels: {x: own}}}',
    l: 'x=1\ny=2',
  });
  expect(project.services['a']?.labels).toEqual({ x: 'own', y: '2' });
});

test('durations are nanoseconds, sizes bytes', async () => {
  expect(
    await service(
      'stop_grace_period: 1m30s, mem_limit: 1.5g, healthcheck: {test: x, interval: 500ms}, memswap_limit: -1',
    ),
  ).toMatchObject({
    stopGracePeriodNs: 90e9,
    memLimit: 1.5 * 2 ** 30,
    memswapLimit: -1,
    healthcheck: { test: ['CMD-SHELL', 'x'], intervalNs: 500e6 },
  });
});

test("a missing variable is told of once, in Compose's words", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Compose's
  const { warnings } = await load('services: {a: {image: "x${NO}", hostname: "$NO"}}');
  expect(warnings).toEqual(['The "NO" variable is not set. Defaulting to a blank string.']);
});

test('version is told to be obsolete', async () => {
  const { warnings } = await load('version: "3"\nservices: {a: {image: i}}');
  expect(warnings).toEqual([
    expect.stringMatching(/compose\.yaml: the attribute `version` is obsolete, it will be ignored/),
  ]);
});

test('what the specification has got lately is taken', async () => {
  const { project } = await load(`
services:
  app:
    image: i
    pull_policy: every_12h
    use_api_socket: true
    models: { llm: { endpoint_var: URL } }
    networks: { default: { interface_name: eth7, gw_priority: 2 } }
    volumes: [{ type: image, source: data, target: /data, image: { subpath: sub } }]
    develop: { watch: [{ action: rebuild, path: ., include: '*.ts', initial_sync: true }] }
  db: { provider: { type: cloud, options: { size: [a, b], kind: 1 } } }
models: { llm: { model: ai/x, context_size: 5, runtime_flags: ['--a'] } }
`);
  expect(project.services['app']).toMatchObject({
    ...{ pullPolicy: 'every_12h', useApiSocket: true, models: { llm: { endpointVar: 'URL' } } },
    networks: { default: { interfaceName: 'eth7', gwPriority: 2 } },
    volumes: [{ type: 'image', source: 'data', image: { subpath: 'sub' } }],
    develop: { watch: [{ include: ['*.ts'], initialSync: true }] },
  });
  expect(project.services['db']?.provider).toMatchObject({
    ...{ type: 'cloud', options: { size: ['a', 'b'], kind: ['1'] } },
  });
  expect(project.models).toMatchObject({ llm: { model: 'ai/x', contextSize: 5, runtimeFlags: ['--a'] } });
});
