import { failure, load } from '../support/load.js';

const web = (attributes: string) => `services:\n  web:\n    image: i\n    ${attributes}\n`;

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are Compose's
test.each<[string, string, string, ...string[]]>([
  [
    'a misspelt key',
    web('prots: []'),
    '4:5: services.web.prots: additional property "prots" is not allowed',
    'did you mean "ports"?',
  ],
  [
    'a misspelt key of the top',
    'service: {}',
    '1:1: service: additional property "service" is not allowed',
    'did you mean "services"?',
  ],
  [
    'a misspelt key of a long form',
    web('ports: ["80", {targt: 1}]'),
    '4:20: services.web.ports[1].targt: additional property "targt" is not allowed',
    'did you mean "target"?',
  ],
  [
    'a wrong type',
    web('image2: x').replace('image: i\n    image2: x', 'image: [i]'),
    '3:5: services.web.image: must be a string',
  ],
  [
    'a wrong type of several',
    web('environment: text'),
    '4:5: services.web.environment: must be a mapping or list',
  ],
  [
    'a value that is none of the possible',
    web('cgroup: neither'),
    '4:5: services.web.cgroup: must be one of "host", "private"',
  ],
  [
    'a port',
    web('ports:\n      - "80:80"\n      - "99999:80"'),
    '6:9: services.web.ports[1]: Invalid hostPort: 99999',
  ],
  ['tabs', 'services:\n\tweb:\n\t\timage: i', '2:1: Tabs are not allowed as indentation'],
  ['a key twice', web('image: j'), '4:5: mapping key "image" already defined'],
  ['a service twice', 'services:\n  a: {image: i}\n  a: {image: j}', '3:3: mapping key "a" already defined'],
  ['a tag that is nearly one', web('ports: !rest []'), '4:18: unknown tag !rest: did you mean !reset?'],
  ['services as a list', 'services:\n  - web', '1:1: services: must be a mapping'],
  [
    'a mapping in a list',
    web('environment: [{A: b}]'),
    '4:19: services.web.environment[0]: must be a string',
  ],
  ['one port alone', web('ports: 80'), '4:5: services.web.ports: must be a list'],
  ['a protocol', web('ports: ["80:80/tpc"]'), '4:13: services.web.ports[0]: Invalid proto: tpc'],
  [
    'an address of a port',
    web('ports: ["300.0.0.1:80:80"]'),
    '4:13: services.web.ports[0]: Invalid ip address: 300.0.0.1',
  ],
  [
    'a port of a long form',
    web('ports: [{target: 99999}]'),
    '4:13: services.web.ports[0]: Invalid containerPort: 99999',
  ],
  [
    'a published port of a long form',
    web('ports: [{target: 80, published: "90-80"}]'),
    '4:13: services.web.ports[0]: Invalid hostPort: 90-80',
  ],
  [
    'a protocol of a long form',
    web('ports: [{target: 80, protocol: tpc}]'),
    '4:13: services.web.ports[0]: Invalid proto: tpc',
  ],
  ['a port to expose', web('expose: [web]'), '4:14: services.web.expose[0]: invalid port "web"'],
  [
    'an image with capitals',
    'services:\n  web:\n    image: Web:1',
    '3:5: services.web.image: invalid reference format "Web:1": repository name must be lowercase',
  ],
  [
    'an image with a scheme',
    'services:\n  web:\n    image: "http://r.example/web"',
    '3:5: services.web.image: invalid reference format "http://r.example/web"',
  ],
  [
    'a relative place of a volume',
    `${web('volumes: ["data:data"]')}volumes: {data: }`,
    '4:15: services.web.volumes[0]: invalid mount path: "data" mount path must be absolute',
  ],
  [
    'a type of mount',
    web('volumes: [{type: bnd, source: /a, target: /b}]'),
    '4:16: services.web.volumes[0].type: must be one of bind, volume, tmpfs, npipe, cluster, image, not "bnd"',
  ],
  [
    'a soft limit above the hard one',
    web('ulimits: {nofile: {soft: 5, hard: 2}}'),
    '4:15: services.web.ulimits.nofile: ulimit soft limit must be less than or equal to hard limit: 5 > 2',
  ],
  ['a negative scale', web('scale: -1'), '4:5: services.web.scale: must not be less than 0, not -1'],
  [
    'negative replicas',
    web('deploy: {replicas: -2}'),
    '4:14: services.web.deploy.replicas: must not be less than 0, not -2',
  ],
  [
    'a swappiness',
    web('mem_swappiness: 500'),
    '4:5: services.web.mem_swappiness: must be from -1 to 100, not 500',
  ],
  [
    'a restart policy',
    web('restart: sometimes'),
    '4:5: services.web.restart: invalid restart policy "sometimes"',
    'write no, always, unless-stopped, on-failure or on-failure:NUMBER',
  ],
  [
    'a condition',
    `${web('depends_on: {db: {condition: healthy}}')}  db: {image: i}`,
    '4:23: services.web.depends_on.db.condition: must be one of "service_started", "service_healthy", "service_completed_successfully"',
  ],
  ['links to nobody', web('links: [db]'), '4:13: service "web" depends on undefined service "db"'],
  ['volumes from nobody', web('volumes_from: [db]'), '4:20: service "web" depends on undefined service "db"'],
  ['processes of nobody', web('pid: "service:db"'), '4:5: service "web" depends on undefined service "db"'],
  [
    'a misspelt attribute of a volume',
    `${web('volumes: ["data:/d"]')}volumes: {data: {driver_opt: {type: nfs}}}`,
    '5:18: volumes.data.driver_opt: additional property "driver_opt" is not allowed',
    'did you mean "driver_opts"?',
  ],
  [
    'a subnet',
    `${web('networks: [n]')}networks: {n: {ipam: {config: [{subnet: 10.0.0/24}]}}}`,
    '5:33: networks.n.ipam.config[0].subnet: invalid value "10.0.0/24"',
  ],
  [
    'a limit of memory',
    web('deploy: {resources: {limits: {memory: lots}}}'),
    '4:35: services.web.deploy.resources.limits.memory: invalid size: "lots"',
  ],
  [
    'an action',
    web('develop: {watch: [{path: a, action: snyc}]}'),
    '4:33: services.web.develop.watch[0].action: must be one of "rebuild", "sync", "restart", "sync+restart", "sync+exec"',
  ],
  ['an anchor', web('environment: *common'), "4:18: unknown anchor 'common' referenced"],
  [
    'a volume',
    web('volumes: ["data:/a:ro:x"]'),
    '4:15: services.web.volumes[0]: invalid volume "data:/a:ro:x": expected [SOURCE:]TARGET[:MODE]',
  ],
  [
    'a duration',
    web('stop_grace_period: 5 seconds'),
    '4:5: services.web.stop_grace_period: invalid duration "5 seconds": write a number with a unit, such as 30s or 1m30s',
  ],
  ['a size', web('mem_limit: 5 apples'), '4:5: services.web.mem_limit: invalid size: "5 apples"'],
  [
    'a switch',
    web('privileged: "${P:-maybe}"'),
    '4:5: error while interpolating services.web.privileged: failed to cast to expected type: invalid value "maybe"',
  ],
  [
    'a dollar sign',
    web('hostname: a$5'),
    '4:5: invalid interpolation format for services.web.hostname.\nYou may need to escape any $ with another $.\na$5',
  ],
  [
    'a missing variable',
    web('hostname: "${H:?who am I}"'),
    '4:5: error while interpolating services.web.hostname: required variable H is missing a value: who am I',
  ],
  [
    'an unclosed quote',
    web("command: 'sh -c \"x'"),
    '4:5: services.web.command: invalid command line string: sh -c "x',
  ],
  [
    'a host without address',
    web('extra_hosts: [name]'),
    '4:5: services.web.extra_hosts: invalid additional host, missing IP: name',
  ],
  [
    'no image',
    'services:\n  web: {command: x}',
    '2:3: service "web" has neither an image nor a build context specified',
  ],
  [
    'no service',
    'services:\n  web:\n  image: i',
    '2:3: services.web: must be a mapping',
    'indent what belongs to it further',
  ],
  [
    'a colon without a space',
    'services:\n  web:\n    image:nginx',
    '2:3: services.web: must be a mapping',
    'write a space behind the colon: "image: nginx"',
  ],
  ['nothing at all', '', ' empty compose file'],
  [
    'an undefined network',
    `${web('networks: [frnt]')}networks: {front: }`,
    '4:5: service "web" refers to undefined network frnt',
    'did you mean "front"?',
  ],
  [
    'an undefined volume',
    web('volumes: ["data:/data"]'),
    '4:15: service "web" refers to undefined volume data',
  ],
  ['an undefined secret', web('secrets: [s]'), '4:15: service "web" refers to undefined secret s'],
  ['an undefined config', web('configs: [c]'), '4:15: service "web" refers to undefined config c'],
  ['an undefined service', web('depends_on: [db]'), '4:5: service "web" depends on undefined service "db"'],
  [
    'a shared network of nobody',
    web('network_mode: "service:vpn"'),
    `4:5: service "vpn" not found for network_mode 'service:vpn'`,
  ],
  [
    'a circle',
    'services:\n  a: {image: i, depends_on: [b]}\n  b: {image: i, links: [c]}\n  c: {image: i, volumes_from: [a]}',
    '2:17: dependency cycle detected: a -> b -> c -> a',
  ],
  [
    'a secret without content',
    `${web('tty: true')}secrets:\n  s: {}`,
    '6:3: secrets.s: one of file|environment must be set',
  ],
  [
    'a secret with two',
    `${web('tty: true')}secrets:\n  s: {file: a, environment: B}`,
    '6:3: secrets.s: file|environment attributes are mutually exclusive',
  ],
  [
    'an external volume with a driver',
    `${web('tty: true')}volumes: {v: {external: true, driver: x}}`,
    '5:31: volumes.v.driver: conflicting parameters "external" and "driver" specified',
  ],
  [
    'network_mode with networks',
    `${web('network_mode: host\n    networks: [n]')}networks: {n: }`,
    '4:5: service web declares mutually exclusive `network_mode` and `networks`',
  ],
  [
    'a name for several containers',
    web('container_name: c\n    scale: 2'),
    "4:5: services.web: can't set container_name and scale as container name must be unique",
  ],
  [
    'a name that another service has',
    'services:\n  a: {image: i, container_name: c}\n  b: {image: i, container_name: c}',
    '3:17: services.b: container name "c" is already in use by service a',
  ],
  [
    'scale and replicas that differ',
    web('scale: 2\n    deploy: {replicas: 3}'),
    "4:5: services.web: can't set distinct values on 'scale' and 'deploy.replicas'",
  ],
  [
    'two limits',
    web('cpus: 1\n    deploy: {resources: {limits: {cpus: "2"}}}'),
    "4:5: services.web: can't set distinct values on 'cpus' and 'deploy.resources.limits.cpus'",
  ],
  [
    'a healthcheck without its kind',
    web('healthcheck: {test: [curl, x]}'),
    '4:19: services.web.healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"',
  ],
  [
    'count and device_ids',
    web('gpus: [{count: 1, device_ids: ["0"]}]'),
    '4:12: services.web.gpus[0]: "count" and "device_ids" attributes are exclusive',
  ],
  [
    'sync without target',
    web('develop: {watch: [{action: sync, path: a}]}'),
    '4:23: services.web.develop.watch: target is required for non-rebuild actions',
  ],
  ['an env file that is not there', web('env_file: no.env'), '4:5: file "DIR/no.env" does not exist'],
  [
    'extending nobody',
    web('extends: nobody'),
    '4:5: cannot extend service "web": service "nobody" not found',
  ],
  [
    'extending oneself',
    'services:\n  a: {extends: b}\n  b: {extends: a}',
    '2:7: circular reference:\n  a in DIR/compose.yaml\n  extends b in DIR/compose.yaml\n  extends a in DIR/compose.yaml',
  ],
  [
    'extending a file that is not there',
    web('extends: {file: no.yaml, service: x}'),
    '4:15: file "DIR/no.yaml" does not exist',
  ],
  [
    'extending nobody of a file',
    web('extends: {file: compose.yaml, service: nobody}'),
    '4:5: cannot extend service "web": service "nobody" not found in DIR/compose.yaml',
  ],
  [
    'including oneself',
    'include: [compose.yaml]',
    '1:11: include cycle detected:\n  DIR/compose.yaml\n  include DIR/compose.yaml',
  ],
  [
    'including what is not there',
    'include:\n  - no.yaml',
    '2:5: include[0]: file "DIR/no.yaml" does not exist',
  ],
])('%s is told with its place', async (_mistake, file, message, ...hints) => {
  const { error, directory } = await failure(file);
  const expected = `DIR/compose.yaml:${message}`.replaceAll('DIR', directory);
  expect(error.message).toBe(expected);
  expect(error.hints).toEqual(hints);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are Compose's

test('of several files, the one with the mistake is told', async () => {
  const { error, directory } = await failure({
    'compose.yaml': web('tty: true'),
    'compose.override.yaml': 'services:\n  web:\n    ports:\n      - [80]\n',
  });
  expect(error.message).toBe(
    `${directory}/compose.override.yaml:4:9: services.web.ports[0]: must be a number, string or mapping`,
  );
});

test('a service that no active profile has is no dependency', async () => {
  const file = 'services: {a: {image: i, depends_on: [b]}, b: {image: i, profiles: [p]}}';
  expect((await failure(file)).error.message).toMatch(/service "a" depends on undefined service "b"$/);
  await expect(load(file, { profiles: ['p'] })).resolves.toBeDefined();
});
