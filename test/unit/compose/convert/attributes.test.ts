import { readFileSync } from 'node:fs';
import { containerRequest } from '../../../../src/compose/convert/container-request.js';
import { networkRequest } from '../../../../src/compose/convert/network-request.js';
import { volumeRequest } from '../../../../src/compose/convert/volume-request.js';
import { composeSchema } from '../../../../src/compose/file/schema/compile.js';
import { resolveReferences } from '../../../../src/compose/plan/resolve-references.js';
import { load } from '../support/load.js';

/** What the engine is asked for a container of the service "web" with these attributes. */
async function requestOf(attributes: string, rest = '') {
  const image = /^image:/m.test(attributes) ? '' : 'image: i';
  const lines = [image, ...attributes.split('\n')].map((line) => `    ${line}\n`);
  const { project } = await load(`services:\n  web:\n${lines.join('')}${rest}`);
  const web = project.services['web'];
  if (!web) throw new Error('there is no service "web"');
  return containerRequest(
    project,
    resolveReferences(web, () => undefined),
    {
      ...{ number: 1, links: [], inherited: [], useAliases: true, attachStdin: false, autoRemove: false },
    },
  );
}

const endpoint = (settings: object) => ({
  NetworkingConfig: { EndpointsConfig: { shop_n: expect.objectContaining(settings) } },
});
const n = 'networks: {n: }';

/** Of each attribute what it is in `POST /containers/create`; in `HostConfig` unless it begins with "!". */
const attributes: readonly (readonly [attribute: string, yaml: string, expected: object, rest?: string])[] = [
  ['annotations', 'annotations: {a: b}', { Annotations: { a: 'b' } }],
  [
    'blkio_config',
    'blkio_config: {weight: 300, weight_device: [{path: /d, weight: 400}], device_read_bps: [{path: /d, rate: 1mb}], device_write_iops: [{path: /d, rate: 30}]}',
    {
      ...{ BlkioWeight: 300, BlkioWeightDevice: [{ Path: '/d', Weight: 400 }] },
      BlkioDeviceReadBps: [{ Path: '/d', Rate: 1_048_576 }],
      BlkioDeviceWriteIOps: [{ Path: '/d', Rate: 30 }],
    },
  ],
  ['cap_add', 'cap_add: [NET_ADMIN]', { CapAdd: ['NET_ADMIN'] }],
  ['cap_drop', 'cap_drop: [ALL]', { CapDrop: ['ALL'] }],
  ['cgroup', 'cgroup: host', { CgroupnsMode: 'host' }],
  ['cgroup_parent', 'cgroup_parent: m-executor', { CgroupParent: 'm-executor' }],
  ['command', 'command: sh -c "echo a b"', { '!Cmd': ['sh', '-c', 'echo a b'] }],
  ['cpu_period', 'cpu_period: 20000', { CpuPeriod: 20_000 }],
  ['cpu_quota', 'cpu_quota: 5000', { CpuQuota: 5000 }],
  ['cpu_rt_period', 'cpu_rt_period: 1400', { CpuRealtimePeriod: 1400 }],
  ['cpu_rt_runtime', 'cpu_rt_runtime: 950', { CpuRealtimeRuntime: 950 }],
  ['cpu_shares', 'cpu_shares: 90', { CpuShares: 90 }],
  ['cpus', 'cpus: 1.5', { NanoCpus: 1_500_000_000 }],
  ['cpuset', 'cpuset: 0,2-3', { CpusetCpus: '0,2-3' }],
  [
    'deploy',
    'deploy: {resources: {limits: {cpus: "0.5", memory: 50M, pids: 9}, reservations: {memory: 20M}}, restart_policy: {condition: on-failure, max_attempts: 3}}',
    {
      ...{ NanoCpus: 5e8, Memory: 52_428_800, MemoryReservation: 20_971_520, PidsLimit: 9 },
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    },
  ],
  ['device_cgroup_rules', 'device_cgroup_rules: ["c 1:3 mr"]', { DeviceCgroupRules: ['c 1:3 mr'] }],
  [
    'devices',
    'devices: ["/dev/a:/dev/b:r"]',
    { Devices: [{ PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'r' }] },
  ],
  ['dns', 'dns: 8.8.8.8', { Dns: ['8.8.8.8'] }],
  ['dns_opt', 'dns_opt: [no-tld-query]', { DnsOptions: ['no-tld-query'] }],
  ['dns_search', 'dns_search: [a.example]', { DnsSearch: ['a.example'] }],
  ['domainname', 'domainname: d.example', { '!Domainname': 'd.example' }],
  ['entrypoint', 'entrypoint: [/e, x]', { '!Entrypoint': ['/e', 'x'] }],
  ['environment', 'environment: {A: 1, B: , C: "x=y"}', { '!Env': ['A=1', 'B', 'C=x=y'] }],
  ['expose', 'expose: ["3000", "8000/udp"]', { '!ExposedPorts': { '3000': {}, '8000/udp': {} } }],
  ['extra_hosts', 'extra_hosts: ["h:10.0.0.1", "h:10.0.0.2"]', { ExtraHosts: ['h:10.0.0.1', 'h:10.0.0.2'] }],
  [
    'gpus',
    'gpus: all',
    { DeviceRequests: [{ Driver: '', Count: -1, DeviceIDs: [], Capabilities: [['gpu']], Options: {} }] },
  ],
  ['group_add', 'group_add: [mail, "7"]', { GroupAdd: ['mail', '7'] }],
  [
    'healthcheck',
    'healthcheck: {test: [CMD, t], interval: 90s, timeout: 10s, retries: 3, start_period: 40s, start_interval: 5s}',
    {
      '!Healthcheck': {
        ...{ Test: ['CMD', 't'], Interval: 90e9, Timeout: 10e9, Retries: 3 },
        ...{ StartPeriod: 40e9, StartInterval: 5e9 },
      },
    },
  ],
  ['hostname', 'hostname: h', { '!Hostname': 'h' }],
  ['image', 'image: a/b:1', { '!Image': 'a/b:1' }],
  ['init', 'init: true', { Init: true }],
  ['ipc', 'ipc: shareable', { IpcMode: 'shareable' }],
  ['labels', 'labels: [a=b, c]', { '!Labels': expect.objectContaining({ a: 'b', c: '' }) }],
  [
    'logging',
    'logging: {driver: syslog, options: {tag: t}}',
    { LogConfig: { Type: 'syslog', Config: { tag: 't' } } },
  ],
  ['mac_address', `mac_address: 02:42:ac:11:65:43\n${n}`, endpointOf({ MacAddress: '02:42:ac:11:65:43' }), n],
  ['mem_limit', 'mem_limit: 1g', { Memory: 1_073_741_824 }],
  ['mem_reservation', 'mem_reservation: 1m', { MemoryReservation: 1_048_576 }],
  ['mem_swappiness', 'mem_swappiness: 60', { MemorySwappiness: 60 }],
  ['memswap_limit', 'memswap_limit: -1', { MemorySwap: -1 }],
  ['network_mode', 'network_mode: host', { NetworkMode: 'host' }],
  [
    'networks',
    'networks: {n: {aliases: [al], ipv4_address: 10.1.0.2, ipv6_address: "fd00::2", link_local_ips: [169.254.1.1], driver_opts: {o: p}, gw_priority: 7}}',
    endpointOf({
      ...{ Aliases: ['shop-web-1', 'web', 'al'], DriverOpts: { o: 'p' }, GwPriority: 7 },
      IPAMConfig: { IPv4Address: '10.1.0.2', IPv6Address: 'fd00::2', LinkLocalIPs: ['169.254.1.1'] },
    }),
    n,
  ],
  ['oom_kill_disable', 'oom_kill_disable: true', { OomKillDisable: true }],
  ['oom_score_adj', 'oom_score_adj: -500', { OomScoreAdj: -500 }],
  ['pid', 'pid: host', { PidMode: 'host' }],
  ['pids_limit', 'pids_limit: 10', { PidsLimit: 10 }],
  [
    'ports',
    'ports: ["127.0.0.1:8080-8081:80-81/udp", "90"]',
    {
      PortBindings: {
        '80/udp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
        '81/udp': [{ HostIp: '127.0.0.1', HostPort: '8081' }],
        '90/tcp': [{ HostIp: '', HostPort: '' }],
      },
      '!ExposedPorts': { '80/udp': {}, '81/udp': {}, '90/tcp': {} },
    },
  ],
  ['privileged', 'privileged: true', { Privileged: true }],
  ['read_only', 'read_only: true', { ReadonlyRootfs: true }],
  ['restart', 'restart: on-failure:3', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }],
  ['runtime', 'runtime: runc', { Runtime: 'runc' }],
  [
    'security_opt',
    'security_opt: [no-new-privileges, "systempaths=unconfined"]',
    { SecurityOpt: ['no-new-privileges'], MaskedPaths: [], ReadonlyPaths: [] },
  ],
  ['shm_size', 'shm_size: 1m', { ShmSize: 1_048_576 }],
  ['stdin_open', 'stdin_open: true', { '!OpenStdin': true }],
  ['stop_grace_period', 'stop_grace_period: 1m30s', { '!StopTimeout': 90 }],
  ['stop_signal', 'stop_signal: SIGUSR1', { '!StopSignal': 'SIGUSR1' }],
  ['storage_opt', 'storage_opt: {size: 1G}', { StorageOpt: { size: '1G' } }],
  ['sysctls', 'sysctls: [net.core.somaxconn=1024]', { Sysctls: { 'net.core.somaxconn': '1024' } }],
  ['tmpfs', 'tmpfs: ["/a:mode=755", /b]', { Tmpfs: { '/a': 'mode=755', '/b': '' } }],
  ['tty', 'tty: true', { '!Tty': true }],
  [
    'ulimits',
    'ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}',
    {
      Ulimits: [
        { Name: 'nofile', Soft: 1, Hard: 2 },
        { Name: 'nproc', Soft: 5, Hard: 5 },
      ],
    },
  ],
  ['user', 'user: "1:2"', { '!User': '1:2' }],
  ['userns_mode', 'userns_mode: host', { UsernsMode: 'host' }],
  ['uts', 'uts: host', { UTSMode: 'host' }],
  [
    'volumes',
    'volumes: ["data:/v", "/h:/h:ro,z", {type: bind, source: /b, target: /b, bind: {propagation: rslave, create_host_path: false}}, {type: volume, source: data, target: /s, volume: {nocopy: true, subpath: d}}, {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 448}}]',
    {
      Binds: ['/h:/h:ro,z'],
      Mounts: [
        { Type: 'volume', Source: 'shop_data', Target: '/v', VolumeOptions: {} },
        { Type: 'bind', Source: '/b', Target: '/b', BindOptions: { Propagation: 'rslave' } },
        { Type: 'volume', Source: 'shop_data', Target: '/s', VolumeOptions: { NoCopy: true, Subpath: 'd' } },
        { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1_048_576, Mode: 448 } },
      ],
    },
    'volumes: {data: }',
  ],
  ['volumes_from', 'volumes_from: ["container:c:ro"]', { VolumesFrom: ['c:ro'] }],
  ['working_dir', 'working_dir: /w', { '!WorkingDir': '/w' }],
];

function endpointOf(settings: object): object {
  return { '!NetworkingConfig': endpoint(settings).NetworkingConfig };
}

const rows = attributes.map(([attribute, ...row]) => ({ attribute, row }));
test.each(rows)('$attribute is what the engine has for it', async ({ row: [yaml, expected, rest] }) => {
  const { body } = await requestOf(yaml, rest);
  for (const [field, value] of Object.entries(expected)) {
    const found = field.startsWith('!')
      ? Reflect.get(body, field.slice(1))
      : Reflect.get(body.HostConfig, field);
    expect({ field, value: found }).toEqual({ field, value });
  }
});

test('a network and a volume have all that the file says of them', async () => {
  const { project } = await load(`
services: {web: {image: i, networks: [n], volumes: ["data:/v"]}}
networks:
  n: {driver: bridge, driver_opts: {o: 1}, internal: true, attachable: true, enable_ipv4: false, enable_ipv6: true, labels: {a: b}, ipam: {driver: default, config: [{subnet: 10.9.0.0/24, ip_range: 10.9.0.128/25, gateway: 10.9.0.1, aux_addresses: {h: 10.9.0.5}}]}}
volumes:
  data: {name: own, driver: local, driver_opts: {type: tmpfs}, labels: [c=d]}
`);

  expect(networkRequest(project, 'n')).toMatchObject({
    ...{ Name: 'shop_n', Driver: 'bridge', Options: { o: '1' }, Internal: true, Attachable: true },
    ...{ EnableIPv4: false, EnableIPv6: true },
    IPAM: {
      Driver: 'default',
      Config: [
        {
          ...{ Subnet: '10.9.0.0/24', IPRange: '10.9.0.128/25', Gateway: '10.9.0.1' },
          AuxiliaryAddresses: { h: '10.9.0.5' },
        },
      ],
    },
    Labels: { a: 'b', 'com.docker.compose.project': 'shop', 'com.docker.compose.network': 'n' },
  });
  expect(volumeRequest(project, 'data')).toMatchObject({
    ...{ Name: 'own', Driver: 'local', DriverOpts: { type: 'tmpfs' } },
    Labels: { c: 'd', 'com.docker.compose.project': 'shop', 'com.docker.compose.volume': 'data' },
  });
});

/** Rows of the table of attributes in docs/compose.md: how far, and which. */
function documented(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync('docs/compose.md', 'utf8');
  const [, section = ''] = text.split('## Attributes\n');
  const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| (\w[\w ]*?) \| (.*) \|$/gm);
  return new Map(
    [...rows].map(([, name = '', cell = '']) => [
      name,
      [...cell.matchAll(/`([a-z_]+)`/g)].map(([, attribute = '']) => attribute),
    ]),
  );
}

test('the documentation has every attribute of a service once', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the schema is what the test looks into
  const { definitions } = composeSchema('.') as any;
  const rows = documented();
  const named = ['supported', 'in part', 'refused'].flatMap((row) => rows.get(row) ?? []);

  expect(named.toSorted()).toEqual(Object.keys(definitions.service.properties).toSorted());
});

test('what is documented as supported is tested here, or is no field of a container', () => {
  const tested = new Set(attributes.map(([attribute]) => attribute));
  const elsewhere = documented().get('no field') ?? [];
  const supported = [...(documented().get('supported') ?? []), ...(documented().get('in part') ?? [])];

  expect(supported.filter((attribute) => !tested.has(attribute) && !elsewhere.includes(attribute))).toEqual(
    [],
  );
  expect(elsewhere.filter((attribute) => tested.has(attribute))).toEqual([]);
});

test.each(['provider: {type: t}', 'models: [m]', 'use_api_socket: true', 'credential_spec: {file: f}'])(
  '%s is refused by name',
  async (yaml) => {
    const { refuseUnsupported } = await import('../../../../src/compose/plan/unsupported-attributes.js');
    const { project } = await load(`services:\n  web:\n    image: i\n    ${yaml}\nmodels: {m: {model: x}}\n`);

    expect(() => refuseUnsupported(project, ['web'])).toThrow(
      `services.web.${yaml.split(':')[0]} is not supported`,
    );
    expect(() => refuseUnsupported(project, [])).not.toThrow();
  },
);
