import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;
/** A container of another network plays the world: it is given routes, and the host forwards. */
beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(() => lab?.[Symbol.asyncDispose]());
afterEach(async () => {
  const { stdout } = await lab.docker(['ps', '-aq']);
  const ids = stdout.split('\n').filter(Boolean);
  if (ids.length > 0) await lab.docker(['rm', '-f', ...ids]);
  await lab.docker(['network', 'prune', '-f']);
  await lab.docker(['network', 'rm', 'made', 'template']);
});

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await lab.docker(args);
  expect(code).not.toBe(0);
  return stderr.trim();
}

/** A network by the API itself: some fields have no flag in every client. Answers the error's words, if any. */
async function create(body: object): Promise<string> {
  const answer = await lab.request('POST', '/networks/create', Buffer.from(JSON.stringify(body)));
  return answer.status === 201 ? '' : `${answer.status} ${(answer.body as { message: string }).message}`;
}

const sleep = ['busybox', 'sleep', '600'];
const serve = ['busybox', 'sh', '-c', 'echo hi >/index.html; httpd -f -p 80 -h /'];
const option = (name: string, value: string) => ['-o', `com.docker.network.${name}=${value}`];

test('a routed network is reached under its own addresses, on published ports only, and takes no port of the host', async () => {
  const mode = option('bridge.gateway_mode_ipv4', 'routed');
  await output('network', 'create', '--subnet', '10.90.0.0/24', ...mode, 'routed');
  const web = ['--network', 'routed', '--ip', '10.90.0.7', '-p', '8090:80'];
  await output('run', '-d', '--name', 'web', ...web, ...serve);
  await output('run', '-d', '--name', 'world', ...sleep);
  const fetch = (url: string) => lab.docker(['exec', 'world', 'timeout', '2', 'wget', '-qO-', url]);

  expect((await fetch('http://10.90.0.7/')).stdout).toBe('hi\n');
  expect((await fetch('http://172.17.0.1:8090/')).code).not.toBe(0);
  expect((await lab.docker(['exec', 'world', 'ping', '-c', '1', '-W', '1', '10.90.0.7'])).code).not.toBe(0);
  expect(JSON.parse(await output('inspect', '-f', '{{json .NetworkSettings.Ports}}', 'web'))).toMatchObject({
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }],
  });
  await output('run', '-d', '--name', 'other', '-p', '8090:80', ...serve);
  await lab.endAgent('SIGKILL');
  await lab.inside('nft', 'flush', 'ruleset');
  await lab.startAgent();
  expect((await fetch('http://10.90.0.7/')).stdout).toBe('hi\n');
  await output('rm', '-f', 'web');
  expect(await lab.inside('nft', 'list', 'ruleset')).not.toContain('10.90.0.7');
});

test('an isolated network has no address of the host in it', async () => {
  const mode = option('bridge.gateway_mode_ipv4', 'isolated');
  expect(await refusal('network', 'create', ...mode, 'open')).toContain(
    "gateway mode 'isolated' can only be used for an internal network",
  );
  await output('network', 'create', '--internal', '--subnet', '10.91.0.0/24', ...mode, 'alone');
  await output('run', '-d', '--name', 'one', '--network', 'alone', ...sleep);
  await output('run', '-d', '--name', 'two', '--network', 'alone', ...sleep);
  const id = await output('network', 'inspect', '-f', '{{.Id}}', 'alone');

  expect(await lab.inside('ip', '-4', 'addr', 'show', `tsm-${id.slice(0, 11)}`)).not.toContain('inet ');
  expect(await output('exec', 'one', 'ping', '-c', '1', '-W', '1', 'two')).toContain('1 packets received');
});

test('a network without IPv4 has IPv6 only, also in its names and published ports', async () => {
  expect(await create({ Name: 'none46', EnableIPv4: false })).toBe('400 IPv4 or IPv6 must be enabled');
  expect(
    await create({
      Name: 'six',
      EnableIPv4: false,
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: 'fd00:91::/64' }] },
    }),
  ).toBe('');
  await output('run', '-d', '--name', 'web', '--network', 'six', '-p', '8091:80', ...serve);
  await output('run', '-d', '--name', 'one', '--network', 'six', ...sleep);

  expect(await output('exec', 'web', 'ip', '-4', 'addr', 'show', 'eth0')).toBe('');
  expect(await output('exec', 'one', 'ping', '-6', '-c', '1', '-W', '1', 'web')).toContain(
    '1 packets received',
  );
  expect(await lab.inside('busybox', 'wget', '-qO-', 'http://[fd00:91::1]:8091/')).toBe('hi\n');
  expect(await lab.inside('busybox', 'wget', '-qO-', 'http://[::1]:8091/')).toBe('hi\n');
  expect(await output('port', 'web')).toBe('80/tcp -> [::]:8091');
});

test('a network is made from the configuration of another one, which is kept as long as it is used', async () => {
  const config = ['--subnet', '10.92.0.0/24', '--label', 'a=b', ...option('driver.mtu', '1400')];
  await output('network', 'create', '--config-only', ...config, 'template');
  expect(
    await refusal('network', 'create', '--config-from', 'template', '--subnet', '10.93.0.0/24', 'made'),
  ).toContain(
    'user specified configurations are not supported if the network depends on a configuration network',
  );
  expect(await refusal('network', 'create', '--config-from', 'nothing', 'made')).toContain(
    'configuration network "nothing" does not exist',
  );
  await output('network', 'create', '--config-from', 'template', 'made');

  expect(JSON.parse(await output('network', 'inspect', 'made', 'template'))).toMatchObject([
    {
      Driver: 'bridge',
      ConfigFrom: { Network: 'template' },
      IPAM: { Config: [{ Subnet: '10.92.0.0/24' }] },
      Labels: { a: 'b' },
    },
    { Driver: 'null', ConfigOnly: true, IPAM: { Config: [{ Subnet: '10.92.0.0/24' }] } },
  ]);
  expect(await output('run', '--rm', '--network', 'made', 'busybox', 'ip', 'link', 'show', 'eth0')).toContain(
    'mtu 1400',
  );
  expect(await refusal('run', '--rm', '--network', 'template', 'busybox', 'true')).toContain(
    'configuration network',
  );
  expect(await refusal('network', 'rm', 'template')).toContain('configuration network "template" is in use');
  await lab.endAgent('SIGKILL');
  await lab.startAgent();
  await output('network', 'rm', 'made');
  await output('network', 'rm', 'template');
});

test("an endpoint's options name its interface and set its kernel parameters; link-local addresses and the way out are as asked", async () => {
  await output('network', 'create', '--subnet', '10.94.0.0/24', 'front');
  await output('network', 'create', '--subnet', '10.95.0.0/24', 'back');
  const sysctls = 'com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1';
  const front = `name=front,driver-opt=${sysctls},driver-opt=com.docker.network.endpoint.ifname=wan0`;
  await output('run', '-d', '--name', 'one', '--network', front, ...sleep);
  const config = { IPAMConfig: { LinkLocalIPs: ['169.254.7.7'] }, GwPriority: 10 };
  const body = Buffer.from(JSON.stringify({ Container: 'one', EndpointConfig: config }));
  expect((await lab.request('POST', '/networks/back/connect', body)).status).toBe(200);

  expect(await output('exec', 'one', 'cat', '/proc/sys/net/ipv4/conf/wan0/log_martians')).toBe('1');
  expect(await output('exec', 'one', 'ip', '-4', 'addr', 'show', 'eth0')).toContain('169.254.7.7/16');
  expect(await output('exec', 'one', 'ip', 'route')).toContain('default via 10.95.0.1');
  expect(
    await refusal(
      'run',
      '--rm',
      '--network',
      'name=front,driver-opt=com.docker.network.endpoint.sysctls=kernel.x=1',
      'busybox',
      'true',
    ),
  ).toContain("unrecognised network interface sysctl 'kernel.x'");
});
