import { readFileSync } from 'node:fs';
import { plainBuild } from '../../../../src/cli/compose/image-source.js';
import { sessionRequest } from '../../../../src/cli/compose/session-build.js';
import { networkRequest } from '../../../../src/compose/convert/network-request.js';
import { resources } from '../../../../src/compose/convert/resources.js';
import { restartPolicy } from '../../../../src/compose/convert/restart-policy.js';
import { volumeRequest } from '../../../../src/compose/convert/volume-request.js';
import { composeSchema } from '../../../../src/compose/file/schema/compile.js';
import type { Project } from '../../../../src/compose/model/project.js';
import { serviceMachine } from '../../../../src/compose/model/service-machine.js';
import { scaleOf } from '../../../../src/compose/naming.js';
import { attributesWithoutEffect } from '../../../../src/compose/plan/without-effect.js';
import { load } from '../support/load.js';

// All that a file can say beside the attributes of services: the table in docs/compose.md, the schema, and what is done.

/** The project of a service "web" that uses the network, volume, secret or config "x", of which this is said. */
const projects: Readonly<Record<string, (yaml: string) => string>> = {
  networks: (yaml) => `services: {web: {image: i, networks: [x]}}\nnetworks: {x: {${yaml}}}`,
  volumes: (yaml) =>
    `services: {web: {image: i, volumes: [{type: volume, source: x, target: /x}]}}\nvolumes: {x: {${yaml}}}`,
  secrets: (yaml) => `services: {web: {image: i, secrets: [x]}}\nsecrets: {x: {${yaml}}}`,
  configs: (yaml) => `services: {web: {image: i, configs: [x]}}\nconfigs: {x: {${yaml}}}`,
  build: (yaml) => `services: {web: {build: {${yaml}}}}\nsecrets: {x: {environment: X}}`,
  deploy: (yaml) => `services: {web: {image: i, deploy: {${yaml}}}}`,
  'develop.watch': (yaml) => `services: {web: {image: i, build: ., develop: {watch: [{${yaml}}]}}}`,
};

/** What becomes of it. */
function outcome(of: string, project: Project): unknown {
  const web = project.services['web'];
  if (!web) throw new Error('there is no service "web"');
  if (of === 'networks')
    return { ...networkRequest(project, 'x'), external: project.networks['x']?.external };
  if (of === 'volumes') return { ...volumeRequest(project, 'x'), external: project.volumes['x']?.external };
  if (of === 'secrets') return project.secrets['x'];
  if (of === 'configs') return project.configs['x'];
  if (of === 'develop.watch') return web.develop?.watch[0];
  if (of === 'build' && web.build) {
    const logins = { authorize: async () => '', all: async () => '' };
    const build = { project, service: web, build: web.build, image: 'web', choice: plainBuild };
    return sessionRequest({ ...build, logins, isOff: false });
  }
  const restart = restartPolicy(web);
  return { ...resources(web), ...{ restart, scale: scaleOf(web), machine: serviceMachine(project, web) } };
}

type Case = readonly [attribute: string, yaml: string, expected: object];

const supported: Readonly<Record<string, readonly Case[]>> = {
  networks: [
    ['attachable', 'attachable: true', { Attachable: true }],
    ['driver', 'driver: macvlan', { Driver: 'macvlan' }],
    ['driver_opts', 'driver_opts: {parent: eth0, n: 5}', { Options: { parent: 'eth0', n: '5' } }],
    ['enable_ipv4', 'enable_ipv4: false', { EnableIPv4: false }],
    ['enable_ipv6', 'enable_ipv6: true', { EnableIPv6: true }],
    ['external', 'external: true', { external: true }],
    ['internal', 'internal: true', { Internal: true }],
    ['ipam.driver', 'ipam: {driver: d}', { IPAM: { Driver: 'd' } }],
    [
      'ipam.config',
      'ipam: {config: [{subnet: 10.1.0.0/16, ip_range: 10.1.2.0/24, gateway: 10.1.0.1, aux_addresses: {h: 10.1.0.9}}]}',
      {
        IPAM: {
          Config: [
            {
              ...{ Subnet: '10.1.0.0/16', IPRange: '10.1.2.0/24', Gateway: '10.1.0.1' },
              AuxiliaryAddresses: { h: '10.1.0.9' },
            },
          ],
        },
      },
    ],
    ['ipam.options', 'ipam: {options: {a: b}}', { IPAM: { Options: { a: 'b' } } }],
    ['labels', 'labels: [a=b]', { Labels: { a: 'b' } }],
    ['name', 'name: own', { Name: 'own' }],
  ],
  volumes: [
    ['driver', 'driver: d', { Driver: 'd' }],
    ['driver_opts', 'driver_opts: {type: tmpfs}', { DriverOpts: { type: 'tmpfs' } }],
    ['external', 'external: true', { external: true }],
    ['labels', 'labels: {a: b}', { Labels: { a: 'b' } }],
    ['name', 'name: own', { Name: 'own' }],
  ],
  secrets: [
    ['environment', 'environment: X', { environment: 'X' }],
    ['file', 'file: /f', { file: '/f' }],
    ['name', 'file: /f, name: own', { name: 'own' }],
  ],
  configs: [
    ['content', 'content: text', { content: 'text' }],
    ['environment', 'environment: X', { environment: 'X' }],
    ['file', 'file: /f', { file: '/f' }],
    ['name', 'file: /f, name: own', { name: 'own' }],
  ],
  build: [
    ['additional_contexts', 'additional_contexts: {a: /a}', { contexts: { a: '/a' } }],
    ['args', 'args: {A: 1}', { options: { buildArgs: { A: '1' } } }],
    ['cache_from', 'cache_from: ["type=registry,ref=a/b"]', { cacheFrom: [{ type: 'registry' }] }],
    ['cache_to', 'cache_to: ["type=inline"]', { cacheTo: [{ type: 'inline' }] }],
    ['context', 'context: /c', { source: { place: '/c' } }],
    ['dockerfile', 'context: /c, dockerfile: d', { source: { dockerfile: '/c/d' } }],
    ['dockerfile_inline', 'dockerfile_inline: FROM scratch', { source: { dockerfile: '-' } }],
    ['entitlements', 'entitlements: [network.host]', { entitlements: ['network.host'] }],
    ['extra_hosts', 'extra_hosts: ["h:10.0.0.1"]', { options: { extraHosts: ['h:10.0.0.1'] } }],
    ['labels', 'labels: {a: b}', { options: { labels: { a: 'b' } } }],
    ['network', 'network: none', { options: { networkMode: 'none' } }],
    ['no_cache', 'no_cache: true', { options: { noCache: true } }],
    ['platforms', 'platforms: [linux/arm64]', { options: { platforms: ['linux/arm64'] } }],
    ['privileged', 'privileged: true', { entitlements: ['security.insecure'] }],
    ['provenance', 'provenance: "true"', { options: { attestations: expect.anything() } }],
    ['pull', 'pull: true', { options: { pull: true } }],
    ['sbom', 'sbom: "true"', { options: { attestations: expect.anything() } }],
    ['secrets', 'secrets: [{source: x, target: t}]', { secrets: [{ id: 't', variable: 'X' }] }],
    ['shm_size', 'shm_size: 1m', { options: { shmSize: 1_048_576 } }],
    ['ssh', 'ssh: [default]', { ssh: [{ id: 'default', paths: [] }] }],
    ['tags', 'tags: ["a/b:1"]', { outputs: expect.anything() }],
    ['target', 'target: t', { options: { target: 't' } }],
    ['ulimits', 'ulimits: {nproc: 5}', { options: { ulimits: [{ Name: 'nproc', Soft: 5, Hard: 5 }] } }],
  ],
  deploy: [
    ['placement.constraints', 'placement: {constraints: ["node.hostname == big"]}', { machine: 'big' }],
    ['replicas', 'replicas: 3', { scale: 3 }],
    [
      'resources.limits',
      'resources: {limits: {cpus: "0.5", memory: 1m, pids: 9}}',
      {
        ...{ NanoCpus: 5e8, Memory: 1_048_576, PidsLimit: 9 },
      },
    ],
    [
      'resources.reservations.devices',
      'resources: {reservations: {devices: [{capabilities: [gpu], count: 1}]}}',
      {
        DeviceRequests: [{ Count: 1, Capabilities: [['gpu']] }],
      },
    ],
    [
      'resources.reservations.memory',
      'resources: {reservations: {memory: 1m}}',
      { MemoryReservation: 1_048_576 },
    ],
    ['restart_policy.condition', 'restart_policy: {condition: any}', { restart: { Name: 'always' } }],
    [
      'restart_policy.max_attempts',
      'restart_policy: {condition: on-failure, max_attempts: 2}',
      {
        restart: { Name: 'on-failure', MaximumRetryCount: 2 },
      },
    ],
  ],
  'develop.watch': [
    ['action', 'action: rebuild, path: /p', { action: 'rebuild' }],
    ['exec', 'action: sync+exec, path: /p, target: /t, exec: {command: x}', { exec: { command: ['x'] } }],
    ['ignore', 'action: rebuild, path: /p, ignore: [a]', { ignore: ['a'] }],
    ['include', 'action: rebuild, path: /p, include: [a]', { include: ['a'] }],
    ['initial_sync', 'action: sync, path: /p, target: /t, initial_sync: true', { initialSync: true }],
    ['path', 'action: rebuild, path: /p', { path: '/p' }],
    ['target', 'action: sync, path: /p, target: /t', { target: '/t' }],
  ],
};

/** What is told to be without effect. */
const without: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  secrets: {
    driver: 'file: /f, driver: d',
    driver_opts: 'file: /f, driver: d, driver_opts: {a: b}',
    labels: 'file: /f, labels: {a: b}',
    template_driver: 'file: /f, template_driver: golang',
  },
  configs: { labels: 'file: /f, labels: {a: b}', template_driver: 'file: /f, template_driver: golang' },
  build: { isolation: 'isolation: hyperv' },
  deploy: {
    endpoint_mode: 'endpoint_mode: vip',
    labels: 'labels: {a: b}',
    mode: 'mode: global',
    'placement.max_replicas_per_node': 'placement: {max_replicas_per_node: 1}',
    'placement.preferences': 'placement: {preferences: [{spread: node.labels.zone}]}',
    'resources.reservations.cpus': 'resources: {reservations: {cpus: "0.5"}}',
    'resources.reservations.generic_resources':
      'resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}}',
    'restart_policy.delay': 'restart_policy: {condition: any, delay: 5s}',
    'restart_policy.window': 'restart_policy: {condition: any, window: 5s}',
    rollback_config: 'rollback_config: {parallelism: 1}',
    update_config: 'update_config: {parallelism: 1}',
  },
};

const rows = Object.entries(supported).flatMap(([of, cases]) =>
  cases.map(([attribute, yaml, expected]) => ({ of, attribute, yaml, expected })),
);
test.each(rows)('$of: $attribute has its effect', async ({ of, yaml, expected }) => {
  const { project } = await load(projects[of]?.(yaml) ?? '');

  expect(outcome(of, project)).toMatchObject(expected);
  expect(attributesWithoutEffect(project, ['web'])).toEqual([]);
});

const lines = Object.entries(without).flatMap(([of, cases]) =>
  Object.entries(cases).map(([attribute, yaml]) => ({ of, attribute, yaml })),
);
test.each(lines)('$of: $attribute is told to be without effect', async ({ of, attribute, yaml }) => {
  const { project } = await load(projects[of]?.(yaml) ?? '');

  const [told = '', ...more] = attributesWithoutEffect(project, ['web']);
  expect(told).toMatch(/: no effect, it is (swarm|Windows)'s$/);
  expect(told).toContain(attribute);
  expect(more).toEqual([]);
});

test('secrets and configs of a swarm are refused', () => {
  expect(documented('refused')).toEqual({ secrets: ['external'], configs: ['external'] });
});

test('what is documented as supported and as without effect is tested here', () => {
  const tested = Object.entries(supported).map(
    ([of, cases]) => [of, cases.map(([attribute]) => attribute).toSorted()] as const,
  );
  const told = Object.entries(without).map(([of, cases]) => [of, Object.keys(cases).toSorted()] as const);

  expect(documented('supported')).toEqual(Object.fromEntries(tested));
  expect(documented('without effect')).toEqual(Object.fromEntries(told));
});

test.each(Object.keys(projects))('the documentation has every attribute of %s', (of) => {
  const named = ['supported', 'without effect', 'refused'].flatMap((column) => documented(column)[of] ?? []);
  const leaves = pathsOf(schemaOf(of));
  const isNamed = (path: string) => named.some((name) => path === name || path.startsWith(`${name}.`));

  expect(leaves.length).toBeGreaterThan(4);
  expect(leaves.filter((path) => !isNamed(path))).toEqual([]);
  expect(
    named.filter((name) => !leaves.some((path) => path === name || path.startsWith(`${name}.`))),
  ).toEqual([]);
});

/** A column of the table: what of → attributes. */
function documented(column: string): Readonly<Record<string, readonly string[]>> {
  const [, section = ''] = readFileSync('docs/compose.md', 'utf8').split('### Of the rest of a file\n');
  const table = (section.split('\n#')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  const [header = [], , ...body] = table.map((line) => line.split('|').map((cell) => cell.trim()));
  const at = header.indexOf(column);
  const cells = body.map((cells) => {
    const names = [...(cells[at] ?? '').matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name);
    return [(cells[1] ?? '').replaceAll('`', ''), names.toSorted()] as const;
  });
  return Object.fromEntries(cells.filter(([, names]) => names.length > 0));
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function schemaOf(of: string): Schema {
  // biome-ignore lint/suspicious/noExplicitAny: the schema is what the test looks into
  const { definitions } = composeSchema('.') as any;
  const { network, volume, secret, config, service, deployment, development } = definitions;
  return {
    ...{ networks: network, volumes: volume, secrets: secret, configs: config, deploy: deployment },
    build: service.properties.build.oneOf[1],
    'develop.watch': development.properties.watch.items,
  }[of];
}

function pathsOf({ properties = {} }: Schema): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    // `external: {name: …}` is the old form of it.
    const inner = name === 'external' ? [] : pathsOf(schema);
    return inner.length === 0 ? [name] : inner.map((path) => `${name}.${path}`);
  });
}
