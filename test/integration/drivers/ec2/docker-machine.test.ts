import { EC2Client, ImportKeyPairCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { generateKeyPair } from '../../../../src/ssh/key-pair.js';
import { type Laboratory, openLaboratory } from './laboratory.js';

let lab: Laboratory;
let nothing: readonly string[];
beforeEach(async () => {
  lab = await openLaboratory();
  nothing = lab.server.cloud.everything();
});
afterEach(() => lab[Symbol.asyncDispose]());

test.each([
  ['with the key pair that docker-machine made', false],
  ['without a key pair that was there before', true],
])('an instance of docker-machine is started, stopped and removed, %s', async (_, existing) => {
  const made = await makeAsDockerMachine();
  const settings = { ...amazonec2(made), ExistingKey: existing };
  const { options, instance, note } = lab.driver.fromDockerMachine(settings, 'id_rsa');

  expect(JSON.stringify([options, instance])).not.toContain('hush');
  expect(note).toContain('not copied');
  expect(lab.driver.sshEndpoint(instance)).toEqual({
    host: '192.0.2.9',
    port: 22,
    user: 'ubuntu',
    identityFiles: ['id_rsa'],
  });
  expect((await lab.driver.inspect(instance, lab.context())).state).toBe('running');
  const stopped = await lab.driver.stop(instance, lab.context());
  expect((await lab.driver.inspect(stopped, lab.context())).state).toBe('stopped');
  const started = await lab.driver.start(stopped, lab.context());
  expect(started.address).toMatch(/^\d+\./);

  await lab.driver.remove(started, lab.context());
  const keyPair = nothing.length + (existing ? 1 : 0);
  expect(lab.server.cloud.everything()).toHaveLength(keyPair);
  await lab.driver.remove(started, lab.context());
});

test('a machine that docker-machine never finished cannot be taken', () => {
  const settings = { ...amazonec2(''), InstanceId: '' };
  expect(() => lab.driver.fromDockerMachine(settings, undefined)).toThrow(/never made/);
});

/** The driver's object in config.json (drivers/amazonec2/amazonec2.go). */
function amazonec2(instanceId: string) {
  return {
    IPAddress: '192.0.2.9',
    MachineName: 'aws',
    SSHUser: 'ubuntu',
    SSHPort: 22,
    AccessKey: 'hush',
    SecretKey: 'hush',
    SessionToken: '',
    Region: 'us-east-1',
    ExistingKey: false,
    KeyName: 'aws',
    InstanceId: instanceId,
    InstanceType: 't2.micro',
    SecurityGroupIds: ['sg-1'],
    SecurityGroupNames: ['docker-machine'],
    RequestSpotInstance: false,
    PrivateIPOnly: false,
    UsePrivateIP: false,
    RetryCount: 5,
    Endpoint: lab.server.url,
    DisableSSL: true,
  };
}

/** An instance and a key pair, with no tag of ours. Answers the instance's id. */
async function makeAsDockerMachine(): Promise<string> {
  const { accessKeyId, secretAccessKey } = lab.server.account;
  const client = new EC2Client({
    region: 'us-east-1',
    endpoint: lab.server.url,
    credentials: { accessKeyId, secretAccessKey },
  });
  Object.assign(lab.server.cloud.behaviour, { hiddenPolls: 0, pendingPolls: 0 });
  const { publicKey } = await generateKeyPair('aws');
  const PublicKeyMaterial = Buffer.from(publicKey);
  await client.send(new ImportKeyPairCommand({ KeyName: 'aws', PublicKeyMaterial }));
  const { Instances } = await client.send(
    new RunInstancesCommand({
      ImageId: 'ami-0new',
      InstanceType: 't3.small',
      KeyName: 'aws',
      NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: 'subnet-0c', AssociatePublicIpAddress: true }],
      MinCount: 1,
      MaxCount: 1,
    }),
  );
  client.destroy();
  return Instances?.[0]?.InstanceId ?? '';
}
