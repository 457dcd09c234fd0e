import type { Ec2Options } from '../../../../src/drivers/ec2/options.js';
import { type Laboratory, openLaboratory } from './laboratory.js';

let lab: Laboratory;
let before: readonly string[];
beforeEach(async () => {
  lab = await openLaboratory();
  before = lab.server.cloud.everything();
});
afterEach(() => lab[Symbol.asyncDispose]());

const check = (changes: Partial<Ec2Options>) =>
  lab.driver.preCreateCheck(lab.options(changes), lab.context());

test.each<[string, Partial<Ec2Options>, string, RegExp]>([
  ['an image that does not exist', { ami: 'ami-0gone' }, 'EC2_NOT_FOUND', /--ec2-ami "ami-0gone".*us-east-1/],
  ['an image id that is none', { ami: 'debian' }, 'EC2_NOT_FOUND', /--ec2-ami "debian"/],
  [
    'an image of another architecture',
    { ami: 'ami-0arm' },
    'EC2_NOT_FOUND',
    /"ami-0arm" does not exist in us-east-1 for x86_64: it is for arm64/,
  ],
  [
    'an operating system without an image',
    { os: 'debian', 'instance-type': 't4g.small' },
    'EC2_IMAGE_NOT_FOUND',
    /"debian" for arm64/,
  ],
  [
    'a type that does not exist',
    { 'instance-type': 'x9.huge' },
    'EC2_NOT_FOUND',
    /--ec2-instance-type "x9.huge"/,
  ],
  [
    'a subnet that does not exist',
    { 'subnet-id': 'subnet-0gone' },
    'EC2_NOT_FOUND',
    /--ec2-subnet-id "subnet-0gone"/,
  ],
  [
    'a subnet of another VPC',
    { 'subnet-id': 'subnet-0a', 'vpc-id': 'vpc-0other' },
    'EC2_NOT_FOUND',
    /"subnet-0a" does not exist in VPC "vpc-0other"/,
  ],
  ['a VPC that does not exist', { 'vpc-id': 'vpc-0gone' }, 'EC2_NOT_FOUND', /--ec2-vpc-id "vpc-0gone"/],
  [
    'a zone without a subnet',
    { zone: 'f' },
    'EC2_NO_SUBNET',
    /"vpc-0default" has no subnet in zone us-east-1f/,
  ],
  ['a group id that does not exist', { 'security-group': ['sg-0123'] }, 'EC2_NOT_FOUND', /"sg-0123"/],
  [
    'a disk that is too small',
    { 'root-size': 2 },
    'EC2_REFUSED',
    /2GB is smaller.*InvalidBlockDeviceMapping/,
  ],
  ['a user data file that is not there', { userdata: '/nope' }, 'DRIVER_OPTION_INVALID', /"\/nope".*ENOENT/],
  ['a key file that is not there', { 'ssh-keypath': '/nope' }, 'DRIVER_OPTION_INVALID', /"\/nope".*ENOENT/],
  [
    'a key pair without its private key',
    { 'keypair-name': 'team' },
    'DRIVER_OPTION_INVALID',
    /--ec2-keypair-name "team"/,
  ],
  ['a block duration', { 'block-duration-minutes': 60 }, 'DRIVER_OPTION_INVALID', /withdrawn/],
])('preCreateCheck() refuses %s, and makes nothing', async (_, changes, code, message) => {
  await expect(check(changes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(lab.server.cloud.everything()).toEqual(before);
});

test('preCreateCheck() says how to give credentials where there are none', async () => {
  const { signal, reporter } = lab.context();
  const refused = lab.driver.preCreateCheck(lab.options({ profile: 'nobody' }), { signal, reporter });

  await expect(refused).rejects.toMatchObject({
    code: 'EC2_CREDENTIALS_MISSING',
    hints: [expect.stringContaining('--ec2-profile')],
  });
});

test('preCreateCheck() says so where there is no default VPC', async () => {
  lab.server.cloud.behaviour.noDefaultVpc = true;

  await expect(check({})).rejects.toMatchObject({
    code: 'EC2_NO_DEFAULT_VPC',
    hints: expect.arrayContaining([expect.stringContaining('--ec2-vpc-id')]),
  });
});

test.each([
  ['UnauthorizedOperation', 'EC2_NOT_ALLOWED', 'permission-denied', /IAM policy/],
  ['ExpiredToken', 'EC2_CREDENTIALS_EXPIRED', 'unauthenticated', /new credentials/],
  ['AuthFailure', 'EC2_CREDENTIALS_REFUSED', 'unauthenticated', /access key/],
  ['InstanceLimitExceeded', 'EC2_QUOTA', 'unavailable', /limit/],
  ['VcpuLimitExceeded', 'EC2_QUOTA', 'unavailable', /limit/],
  ['MaxSpotInstanceCountExceeded', 'EC2_QUOTA', 'unavailable', /limit/],
  ['VpcIdNotSpecified', 'EC2_NO_DEFAULT_VPC', 'invalid-argument', /--ec2-vpc-id/],
  ['InsufficientInstanceCapacity', 'EC2_NO_CAPACITY', 'unavailable', /--ec2-zone/],
  ['InvalidParameterValue', 'EC2_REFUSED', 'invalid-argument', /^$/],
])('a launch refused with %s is explained, and nothing is left', async (refusal, code, kind, hint) => {
  lab.server.faults.push({ action: 'RunInstances', code: refusal, message: 'Value (x) is bad.', times: 99 });

  const error: unknown = await lab.create().catch((caught: unknown) => caught);

  expect(error).toMatchObject({
    code,
    kind,
    message: `launching the instance: Value (x) is bad (${refusal})`,
  });
  expect((error as { hints: readonly string[] }).hints.join(' ')).toMatch(hint);
  expect(lab.server.cloud.everything()).toEqual(before);
});

test('a request that is not signed with the right key is explained', async () => {
  const context = lab.context();
  const secrets = {
    get: async (option: string) =>
      option === 'access-key' ? 'AKIATEST' : option === 'secret-key' ? 'wrong' : undefined,
  };

  await expect(lab.driver.preCreateCheck(lab.options(), { ...context, secrets })).rejects.toMatchObject({
    code: 'EC2_CREDENTIALS_REFUSED',
  });
});

test('a provider that does not answer is explained', async () => {
  await expect(check({ endpoint: 'http://127.0.0.1:1', retries: -1 })).rejects.toMatchObject({
    code: 'EC2_UNREACHABLE',
    message: expect.stringContaining('127.0.0.1:1'),
  });
});

test('throttling is waited out', async () => {
  lab.server.faults.push({ action: '*', code: 'RequestLimitExceeded', status: 503, times: 3 });

  await expect(lab.create()).resolves.toMatchObject({ instanceId: expect.stringMatching(/^i-/) });
});

test('throttling that does not end is explained', async () => {
  lab.server.faults.push({ action: 'DescribeVpcs', code: 'RequestLimitExceeded', status: 503, times: 99 });

  await expect(check({ retries: 1 })).rejects.toMatchObject({ code: 'EC2_THROTTLED' });
});

test('what was just made may be unknown for a while', async () => {
  lab.server.cloud.behaviour.hiddenPolls = 8;
  lab.server.cloud.behaviour.pendingPolls = 8;
  lab.server.faults.push({
    action: 'AuthorizeSecurityGroupIngress',
    code: 'InvalidGroup.NotFound',
    times: 2,
  });
  lab.server.faults.push({ action: 'RunInstances', code: 'InvalidGroup.NotFound', times: 2 });

  await expect(lab.create()).resolves.toMatchObject({ address: expect.stringMatching(/^127\.0\.113\./) });
});

test('a launch whose answer is lost is asked for again, and makes one instance', async () => {
  lab.server.faults.push({
    action: 'RunInstances',
    code: 'InternalError',
    status: 500,
    times: 2,
    late: true,
  });

  await lab.create();

  expect(lab.server.calls.filter((call) => call === 'RunInstances')).toHaveLength(3);
  expect(lab.server.cloud.instances.size).toBe(1);
});

test('without a zone, the next one is taken where one has no capacity', async () => {
  lab.server.cloud.behaviour.full.add('subnet-0a');

  await lab.create();

  expect([...lab.server.cloud.instances.values()][0]?.subnetId).toBe('subnet-0c');
});

test('with a zone, a lack of capacity there is the end', async () => {
  lab.server.cloud.behaviour.full.add('subnet-0a').add('subnet-0extra');

  await expect(lab.create({ zone: 'a' })).rejects.toMatchObject({ code: 'EC2_NO_CAPACITY' });
  expect(lab.server.cloud.everything()).toEqual(before);
});
