import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair } from '../../../../src/ssh/key-pair.js';
import { cloudConfigOf } from '../../../support/ec2/cloud-init.js';
import { parseForm, textAt } from '../../../support/ec2/query.js';
import type { TestInstance } from '../../../support/ec2/resources.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';
import { type Laboratory, openLaboratory } from './laboratory.js';

let lab: Laboratory;
beforeEach(async () => {
  lab = await openLaboratory();
});
afterEach(() => lab[Symbol.asyncDispose]());

const own = '127.0.0.1/32';

function onlyInstance(): TestInstance {
  const [first, ...others] = lab.server.cloud.instances.values();
  expect(others).toEqual([]);
  if (!first) throw new Error('no instance');
  return first;
}

/** What the launch asked for, by its names on the wire. */
function asked(...path: readonly string[]): string | undefined {
  return textAt(parseForm(onlyInstance().request), ...path);
}

function groupOf(instance: TestInstance) {
  return lab.server.cloud.groups.get(instance.groupIds[0] ?? '');
}

test('an instance is launched with the newest image of the publisher, gp3, IMDSv2 and tags from the beginning', async () => {
  await lab.create();

  const instance = onlyInstance();
  expect(instance).toMatchObject({ imageId: 'ami-0new', type: 't3.small', subnetId: 'subnet-0a' });
  expect(asked('BlockDeviceMapping', '1', 'Ebs', 'VolumeType')).toBe('gp3');
  expect(asked('BlockDeviceMapping', '1', 'Ebs', 'VolumeSize')).toBe('16');
  expect(asked('BlockDeviceMapping', '1', 'Ebs', 'DeleteOnTermination')).toBe('true');
  expect(asked('MetadataOptions', 'HttpTokens')).toBe('required');
  expect(asked('MetadataOptions', 'HttpPutResponseHopLimit')).toBe('1');
  const tags = { Name: 'web', 'tsmachine-owner': 'tsmachine-store-web-1' };
  const { volumes, keyPairs } = lab.server.cloud;
  for (const made of [
    instance,
    volumes.get(instance.volumeId),
    groupOf(instance),
    [...keyPairs.values()][0],
  ]) {
    expect(made?.tags).toEqual(tags);
  }
  expect(lab.server.calls).not.toContain('CreateTags');
});

test('the user data gives the host its name, the key to log in with, and the host key that is expected', async () => {
  const instance = await lab.create({}, 'Web_1');

  const config = cloudConfigOf(onlyInstance().userData);
  const publicKey = (await readFile(`${instance.identityFile}.pub`, 'utf8')).trim();
  expect(config).toMatchObject({ hostname: 'web-1', ssh_authorized_keys: [publicKey] });
  expect(config['ssh_keys']).toMatchObject({
    ed25519_public: expect.stringContaining(instance.hostKey ?? 'no key'),
  });
  expect([...lab.server.cloud.keyPairs.values()][0]?.material).toBe(publicKey);
  expect(JSON.stringify(lab.checkpoints)).not.toContain('PRIVATE KEY');
});

test.each([
  ['an arm64 type takes an arm64 image', { 'instance-type': 't4g.small' }, 'ami-0arm', 'ubuntu'],
  ['Debian takes its image and user', { os: 'debian' }, 'ami-0deb', 'admin'],
  ['a named image is taken', { ami: 'ami-0old' }, 'ami-0old', 'ubuntu'],
  ['a named user is taken', { 'ssh-user': 'deploy' }, 'ami-0new', 'deploy'],
])('%s', async (_, changes, image, user) => {
  const instance = await lab.create(changes);

  expect(onlyInstance().imageId).toBe(image);
  expect(lab.driver.sshEndpoint(instance).user).toBe(user);
});

test('every option of the launch is passed on', async () => {
  await lab.create({
    'device-name': '/dev/xvda',
    'root-size': 40,
    'volume-type': 'io2',
    'volume-iops': 4000,
    'volume-throughput': 200,
    'volume-encrypted': true,
    'volume-kms-key': 'alias/disks',
    'iam-instance-profile': 'builders',
    monitoring: true,
    'use-ebs-optimized-instance': true,
    'metadata-token': 'optional',
    'metadata-token-response-hop-limit': 2,
    'private-address-only': true,
    tags: 'team,blue,cost,12',
  });

  const device = ['BlockDeviceMapping', '1'] as const;
  const expected: readonly [readonly string[], string][] = [
    [[...device, 'DeviceName'], '/dev/xvda'],
    [[...device, 'Ebs', 'VolumeSize'], '40'],
    [[...device, 'Ebs', 'VolumeType'], 'io2'],
    [[...device, 'Ebs', 'Iops'], '4000'],
    [[...device, 'Ebs', 'Throughput'], '200'],
    [[...device, 'Ebs', 'Encrypted'], 'true'],
    [[...device, 'Ebs', 'KmsKeyId'], 'alias/disks'],
    [['IamInstanceProfile', 'Name'], 'builders'],
    [['Monitoring', 'Enabled'], 'true'],
    [['EbsOptimized'], 'true'],
    [['MetadataOptions', 'HttpTokens'], 'optional'],
    [['MetadataOptions', 'HttpPutResponseHopLimit'], '2'],
    [['NetworkInterface', '1', 'AssociatePublicIpAddress'], 'false'],
  ];
  for (const [path, value] of expected) expect([path, asked(...path)]).toEqual([path, value]);
  expect(onlyInstance().tags).toMatchObject({ team: 'blue', cost: '12' });
});

test("user data of the user's is sent beside ours", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'setup.sh');
  await writeFile(file, '#!/bin/sh\necho hello >/etc/greeting\n');

  await lab.create({ userdata: file });

  const { userData } = onlyInstance();
  expect(userData).toMatch(/^Content-Type: multipart\/mixed/);
  expect(userData).toContain('Content-Type: text/x-shellscript');
  expect(userData).toContain('echo hello >/etc/greeting');
  expect(cloudConfigOf(userData)).toMatchObject({ hostname: 'web' });
});

test("a key of the user's is copied and imported, and a key pair of the provider's is not imported again", async () => {
  await using directory = await temporaryDirectory();
  const key = await generateKeyPair('mine');
  const file = join(directory.path, 'mine');
  await writeFile(file, key.privateKey);
  await writeFile(`${file}.pub`, key.publicKey);
  lab.server.cloud.keyPairs.set('key-0', { id: 'key-0', name: 'team', material: key.publicKey, tags: {} });

  const one = await lab.create({ 'ssh-keypath': file }, 'one');
  const two = await lab.create({ 'ssh-keypath': file, 'keypair-name': 'team' }, 'two');

  expect(await readFile(one.identityFile ?? '', 'utf8')).toBe(key.privateKey);
  const [first, second] = [...lab.server.cloud.instances.values()].map(({ keyName }) => keyName);
  expect([first, second]).toEqual(['tsmachine-store-one-1', 'team']);
  await lab.driver.remove(one, lab.context());
  await lab.driver.remove(two, lab.context());
  expect([...lab.server.cloud.keyPairs.values()].map(({ name }) => name)).toEqual(['team']);
});

describe('ingress', () => {
  test("is for the caller's own address only", async () => {
    await lab.create();

    expect([...(groupOf(onlyInstance())?.rules ?? [])].sort()).toEqual([
      `tcp 22-22 ${own}`,
      `tcp 2376-2376 ${own}`,
    ]);
  });

  test('is for the networks that are given, and for everyone on open ports', async () => {
    await lab.create({
      'allow-cidr': ['198.51.100.0/24', '2001:db8::/32'],
      'open-port': ['80', '53/udp'],
      'ssh-port': 2222,
      ipv6: true,
    });

    expect([...(groupOf(onlyInstance())?.rules ?? [])].sort()).toEqual([
      'tcp 2222-2222 198.51.100.0/24',
      'tcp 2222-2222 2001:db8::/32',
      'tcp 2376-2376 198.51.100.0/24',
      'tcp 2376-2376 2001:db8::/32',
      'tcp 80-80 0.0.0.0/0',
      'tcp 80-80 ::/0',
      'udp 53-53 0.0.0.0/0',
      'udp 53-53 ::/0',
    ]);
  });

  test("is for the VPC's networks where the private address is used", async () => {
    const instance = await lab.create({ 'use-private-address': true });

    expect(instance.address).toMatch(/^172\.31\./);
    expect(groupOf(onlyInstance())?.rules).toContain('tcp 22-22 172.31.0.0/16');
  });

  test('is for nobody when the address of the caller is not known: nothing is made', async () => {
    const before = lab.server.cloud.everything();

    await expect(
      lab.create({ 'caller-address-url': `${lab.server.url.replace(/\d+$/, '1')}/` }),
    ).rejects.toMatchObject({
      code: 'EC2_CALLER_ADDRESS_UNKNOWN',
      hints: [expect.stringContaining('--ec2-allow-cidr')],
    });
    expect(lab.server.cloud.everything()).toEqual(before);
  });
});

describe('a named group', () => {
  test('is made once by machines that are created at the same time, and serves all', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `web${index}`);

    const made = await Promise.all(
      names.map((name) => lab.create({ 'security-group': ['docker-machine'] }, name)),
    );

    const { groups, instances } = lab.server.cloud;
    const [group, ...more] = [...groups.values()].filter(({ name }) => name === 'docker-machine');
    expect(more).toEqual([]);
    expect([...instances.values()].map(({ groupIds }) => groupIds)).toEqual(names.map(() => [group?.id]));
    expect([...(group?.rules ?? [])].sort()).toEqual([`tcp 22-22 ${own}`, `tcp 2376-2376 ${own}`]);

    await Promise.all(made.slice(1).map((instance) => lab.driver.remove(instance, lab.context())));
    expect(groups.has(group?.id ?? '')).toBe(true);
  });

  test('is neither made nor changed when it is read-only', async () => {
    const changes = { 'security-group': ['default'], 'security-group-readonly': true };

    await lab.create(changes);

    expect(lab.server.cloud.groups.get('sg-0default')?.rules.size).toBe(0);
    expect(onlyInstance().groupIds).toEqual(['sg-0default']);
    const missing = lab.options({ ...changes, 'security-group': ['nope'] });
    await expect(lab.driver.preCreateCheck(missing, lab.context())).rejects.toMatchObject({
      code: 'EC2_NOT_FOUND',
      message: '--ec2-security-group "nope" does not exist in VPC "vpc-0default"',
    });
  });
});

test('IPv6 is asked for and used on request', async () => {
  const instance = await lab.create({ ipv6: true, 'use-ipv6-address': true, 'allow-cidr': ['2001:db8::1'] });

  expect(instance.address).toMatch(/^2001:db8:1::/);
});

test('a zone is a letter or a name', async () => {
  await lab.create({ zone: 'c' }, 'one');
  await lab.create({ zone: 'us-east-1c' }, 'two');

  expect([...lab.server.cloud.instances.values()].map(({ subnetId }) => subnetId)).toEqual([
    'subnet-0c',
    'subnet-0c',
  ]);
});
