import { createHash } from 'node:crypto';
import type { OperationContext } from '../driver.js';
import {
  awsCode,
  type Ec2,
  type Instance,
  onceKnown,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from './client.js';
import type { ChosenImage } from './image.js';
import type { Ec2Options } from './options.js';
import type { Ec2Spec } from './spec.js';
import { type Labels, tagSpecifications } from './tags.js';

export interface LaunchPlan {
  readonly options: Ec2Options;
  readonly spec: Ec2Spec;
  readonly image: ChosenImage;
  readonly labels: Labels;
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly keyName: string;
  readonly userData: string;
}

const full = ['InsufficientInstanceCapacity', 'InsufficientFreeAddressesInSubnet', 'Unsupported'];
/** Just made, and perhaps not known everywhere yet. */
const settling = ['InvalidGroup.NotFound', 'InvalidKeyPair.NotFound'];

/** In the first subnet whose zone has capacity. Asking twice makes one instance: the client token is the machine's. */
export async function launch(
  ec2: Ec2,
  plan: LaunchPlan,
  { signal, reporter }: OperationContext,
): Promise<Instance> {
  for (const [index, subnetId] of plan.subnetIds.entries()) {
    try {
      const request = new RunInstancesCommand(launchRequest(plan, subnetId));
      const { Instances } = await onceKnown(settling, () => ec2.send(request), { signal, timeoutMs: 30_000 });
      if (Instances?.[0]) return Instances[0];
    } catch (error) {
      if (!full.includes(awsCode(error) ?? '') || index === plan.subnetIds.length - 1) throw error;
      reporter.info(`no capacity in subnet "${subnetId}": trying the next one`);
    }
  }
  throw new TypeError('no subnet to launch in');
}

/** Throws what a real launch would throw for want of permission or for a wrong value; makes nothing. */
export async function tryLaunch(ec2: Ec2, plan: LaunchPlan): Promise<void> {
  const request = launchRequest(plan, plan.subnetIds[0] ?? '');
  try {
    await ec2.send(new RunInstancesCommand({ ...request, DryRun: true }));
  } catch (error) {
    if (awsCode(error) !== 'DryRunOperation') throw error;
  }
}

function launchRequest(plan: LaunchPlan, subnetId: string): RunInstancesCommandInput {
  const { options, spec, image, labels } = plan;
  const profile = options['iam-instance-profile'];
  const isSpot = options['request-spot-instance'];
  return {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: createHash('sha256').update(`${labels.ownerTag} ${subnetId}`).digest('hex'),
    ImageId: image.id,
    InstanceType: options['instance-type'] as never, // any that the provider has
    ...(plan.keyName !== '' && { KeyName: plan.keyName }),
    UserData: Buffer.from(plan.userData).toString('base64'),
    BlockDeviceMappings: [rootDevice(plan)],
    NetworkInterfaces: [networkInterface(plan, subnetId)],
    MetadataOptions: {
      HttpTokens: spec.metadataToken,
      HttpPutResponseHopLimit: options['metadata-token-response-hop-limit'],
      HttpEndpoint: 'enabled',
    },
    Monitoring: { Enabled: options.monitoring },
    ...(options['use-ebs-optimized-instance'] && { EbsOptimized: true }),
    ...(profile !== undefined && {
      IamInstanceProfile: profile.startsWith('arn:') ? { Arn: profile } : { Name: profile },
    }),
    ...(isSpot && { InstanceMarketOptions: spotMarket(options['spot-price']) }),
    TagSpecifications: tagSpecifications(labels, [
      'instance',
      'volume',
      ...(isSpot ? (['spot-instances-request'] as const) : []),
    ]),
  };
}

function rootDevice({ options, spec, image }: LaunchPlan) {
  const iops = options['volume-iops'];
  const throughput = options['volume-throughput'];
  const key = options['volume-kms-key'];
  return {
    DeviceName: image.rootDevice,
    Ebs: {
      VolumeSize: options['root-size'],
      VolumeType: spec.volumeType,
      DeleteOnTermination: true,
      ...(iops !== undefined && { Iops: iops }),
      ...(throughput !== undefined && { Throughput: throughput }),
      ...((options['volume-encrypted'] || key !== undefined) && { Encrypted: true }),
      ...(key !== undefined && { KmsKeyId: key }),
    },
  };
}

function networkInterface({ options, groupIds }: LaunchPlan, subnetId: string) {
  return {
    DeviceIndex: 0,
    SubnetId: subnetId,
    AssociatePublicIpAddress: !options['private-address-only'],
    ...(groupIds.length > 0 && { Groups: [...groupIds] }),
    ...(options.ipv6 && { Ipv6AddressCount: 1 }),
  };
}

/** Only an instance of a persistent request can be stopped and started; `remove` cancels the request. */
function spotMarket(price: string | undefined) {
  return {
    MarketType: 'spot',
    SpotOptions: {
      SpotInstanceType: 'persistent',
      InstanceInterruptionBehavior: 'stop',
      ...(price !== undefined && { MaxPrice: price }),
    },
  } as const;
}
