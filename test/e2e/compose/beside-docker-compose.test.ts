import { type ComposeLab, composeLab, type LabProject } from './lab.js';

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['boxes']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

const everything = `
name: golden
services:
  base:
    image: busybox
    init: true
    hostname: basehost
    domainname: example.org
    user: "0:0"
    working_dir: /tmp
    entrypoint: ["/bin/sh", "-c", "exec sleep 600"]
    environment: { A: "1", B: "x=y" }
    labels: { my.label: v }
    expose: ["7000", "7001/udp"]
    ports: ["18080:80", "127.0.0.1::81", "18100-18101:90-91/udp"]
    cap_add: [NET_ADMIN]
    cap_drop: [MKNOD]
    security_opt: [no-new-privileges]
    sysctls: { net.core.somaxconn: 512 }
    ulimits: { nofile: { soft: 1000, hard: 2000 }, nproc: 500 }
    mem_limit: 64m
    memswap_limit: 128m
    mem_reservation: 32m
    cpus: 0.5
    cpu_shares: 512
    pids_limit: 100
    shm_size: 32m
    ipc: shareable
    tmpfs: ["/run/cache:size=1m", /scratch]
    dns: [1.1.1.1]
    dns_search: [example.com]
    dns_opt: ["ndots:2"]
    extra_hosts: ["myhost:10.0.0.1"]
    group_add: ["100"]
    restart: "on-failure:3"
    stop_signal: SIGINT
    stop_grace_period: 2s
    oom_score_adj: 100
    logging: { driver: json-file, options: { max-size: 1m } }
    networks: { default: { aliases: [al], priority: 5 }, other: { ipv4_address: 10.77.0.9 } }
    volumes:
      - data:/data
      - /anon
      - /etc/debian_version:/c.txt:ro
      - { type: tmpfs, target: /t2, tmpfs: { size: 1048576 } }
      - { type: volume, source: data, target: /data2, read_only: true, volume: { nocopy: true } }
    secrets: [envsec]
    configs: [{ source: inline, target: /etc/inline }]
    healthcheck: { test: exit 0, interval: 1s, timeout: 1s, retries: 4, start_period: 3s }
  side:
    image: busybox
    command: ["sleep", "600"]
    network_mode: service:base
    ipc: service:base
    pid: service:base
    volumes_from: [base]
  linked:
    image: busybox
    command: sleep 600
    init: true
    links: [base:thebase]
    depends_on: { base: { condition: service_healthy, restart: true } }
    deploy:
      replicas: 2
      resources: { limits: { cpus: "0.25", memory: 50M, pids: 50 }, reservations: { memory: 20M } }
      restart_policy: { condition: on-failure, max_attempts: 2 }
  plain:
    image: busybox
    command: sleep 600
    container_name: plainname
    stdin_open: true
    tty: true
    privileged: true
    network_mode: none
volumes: { data: { labels: { v: w } } }
networks:
  default: { labels: { n: m } }
  other: { attachable: true, ipam: { config: [{ subnet: 10.77.0.0/24, gateway: 10.77.0.1, ip_range: 10.77.0.128/25 }] } }
secrets: { envsec: { environment: SEC } }
configs: { inline: { content: "in\\n" } }
`;

test('containers, networks and volumes are those that docker compose makes', async () => {
  const project = await lab.project('golden', { 'compose.yaml': everything, '.env': 'SEC=topsecret\n' });
  const theirs = await project.dockerCompose(['up', '-d']);
  expect([theirs.code, theirs.stderr]).toEqual([0, expect.any(String)]);
  const expected = await state();
  await project.dockerCompose(['down', '-v', '-t', '0']);

  await project.ok('up', '-d');
  expect(await state()).toEqual(expected);
  expect(await project.ok('exec', '-T', 'base', 'cat', '/run/secrets/envsec', '/etc/inline')).toBe(
    'topsecretin\n',
  );
  await handedOver(project);
}, 200_000);

/** What one tool has made is left as it is by the other one. */
async function handedOver(project: LabProject): Promise<void> {
  const before = await project.ok('ps', '-q');
  const { code, stderr } = await project.dockerCompose(['up', '-d']);
  expect([code, stderr]).toEqual([0, expect.not.stringMatching(/Recreate|Creating/)]);
  expect(await project.ok('ps', '-q')).toBe(before);
  const again = await project.compose('up', '-d');
  expect([again.code, again.stderr]).toEqual([0, expect.not.stringMatching(/Recreate|Creating/)]);
  await project.ok('down', '-v', '-t', '0');
  expect((await project.dockerCompose(['ps', '-aq'])).stdout).toBe('');
}

const small = `
services:
  db: { image: busybox, init: true, command: sleep 600, volumes: ["data:/data"] }
  web: { image: busybox, init: true, command: sleep 600, depends_on: [db], ports: ["18090:80"] }
volumes: { data: {} }
`;

test('docker compose’s own project is listed, changed and removed', async () => {
  const project = await lab.project('theirs', small);
  await project.dockerCompose(['up', '-d', '--scale', 'db=2']);

  const columns = ['ps', '-a', '--format', '{{.Name}} {{.Service}} {{.State}}'];
  expect(await project.ok(...columns)).toBe((await project.dockerCompose(columns)).stdout);
  expect(await project.ok('images', '--format', 'json')).toBe(
    (await project.dockerCompose(['images', '--format', 'json'])).stdout,
  );
  expect(await lab.store.expectOk(['compose', 'ls'])).toContain('running(3)');
  const { stderr } = await project.compose('up', '-d');
  expect(stderr).toContain('Container theirs-db-2  Removed');
  expect(stderr).not.toContain('Recreate');
  // Without the files, by the labels alone.
  await lab.store.expectOk(['compose', '--project-name', 'theirs', 'down', '-v', '-t', '0'], {
    cwd: lab.store.path,
  });
  expect((await project.dockerCompose(['ps', '-aq'])).stdout).toBe('');
});

/** What was made, without what is another each time. */
async function state(): Promise<string> {
  const names = ['golden-base-1', 'golden-side-1', 'golden-linked-1', 'golden-linked-2', 'plainname'];
  const containers = JSON.parse(await lab.store.expectOk(['container', 'inspect', ...names]));
  const networks = JSON.parse(
    await lab.store.expectOk(['network', 'inspect', 'golden_default', 'golden_other']),
  );
  const [volume] = JSON.parse(await lab.store.expectOk(['volume', 'inspect', 'golden_data']));
  const made = {
    containers: byName(containers, ({ Config, HostConfig, Mounts, NetworkSettings }) => ({
      ...{ Config, HostConfig, Mounts },
      Networks: Object.entries(NetworkSettings.Networks as Endpoints).map(([name, endpoint]) => [
        ...[name, endpoint['IPAMConfig'], endpoint['Aliases'], endpoint['DriverOpts'], endpoint['Links']],
      ]),
    })),
    networks: byName(networks, ({ Driver, Options, IPAM, Labels, Attachable, Internal }) => {
      return { Driver, Options, Labels, Attachable, Internal, Pools: IPAM.Config.length };
    }),
    volume: { Labels: volume.Labels, Options: volume.Options },
  };
  const text = JSON.stringify(made).replace(/[0-9a-f]{64}|\b[0-9a-f]{12}\b/g, 'ID');
  return JSON.stringify(sorted(JSON.parse(text)), undefined, 1);
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an engine answers
type Inspected = Readonly<Record<string, any>>;
// biome-ignore lint/suspicious/noExplicitAny: as above
type Endpoints = Readonly<Record<string, any>>;

function byName(list: readonly Inspected[], part: (each: Inspected) => object) {
  return Object.fromEntries(list.map((each) => [each['Name'], part(each)]));
}

/** Keys and elements in a fixed order: docker compose goes through its maps in any. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
