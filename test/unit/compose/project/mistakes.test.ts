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
  ['no service', 'services:\n  web:', '2:3: services.web: must be a mapping'],
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
