import { newId, required, tagsFor } from './form.js';
import { groupOrRefuse } from './groups.js';
import { keyPairOrRefuse } from './key-pairs.js';
import { architectureOf, imageOf, subnetOf } from './networks.js';
import { textAt, textsAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type { Form, Launch, Region } from './region.js';
import type { TestInstance, TestSpotRequest } from './resources.js';
import { begin, giveAddress, instanceXml } from './time.js';

export function runInstances(region: Region, form: Form, body: string): Xml {
  const wanted = checkLaunch(region, form);
  if (textAt(form, 'DryRun') === 'true') {
    throw new Refusal('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
  const token = textAt(form, 'ClientToken');
  const before = token === undefined ? undefined : region.tokens.get(token);
  if (before && before.request !== body) {
    throw new Refusal(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  }
  if (before) return runAnswer(region, before.id);
  if (region.behaviour.full.has(wanted.subnetId)) {
    throw new Refusal(
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${wanted.type} capacity in the Availability Zone you requested.`,
      500,
    );
  }
  const id = launch(region, wanted, form, body, undefined);
  if (token !== undefined) region.tokens.set(token, { request: body, id });
  return runAnswer(region, id);
}

export function checkLaunch(region: Region, form: Form): Launch {
  const type = required(form, 'InstanceType');
  const image = imageOf(required(form, 'ImageId'));
  if (architectureOf(type) !== image.architecture) {
    throw new Refusal(
      'InvalidParameterValue',
      `The architecture '${architectureOf(type)}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
    );
  }
  const subnetId = textAt(form, 'NetworkInterface', '1', 'SubnetId') ?? textAt(form, 'SubnetId');
  if (subnetId === undefined)
    throw new Refusal('MissingInput', 'No subnets found for the default VPC. Please specify a subnet.');
  const { vpcId } = subnetOf(subnetId);
  const given = textsAt(form, 'NetworkInterface', '1', 'SecurityGroupId');
  for (const id of given) {
    if (groupOrRefuse(region, id).vpcId !== vpcId) {
      throw new Refusal(
        'InvalidParameter',
        `Security group ${id} and subnet ${subnetId} belong to different networks.`,
      );
    }
  }
  const keyName = textAt(form, 'KeyName');
  if (keyName !== undefined) keyPairOrRefuse(region, keyName);
  const size = Number(textAt(form, 'BlockDeviceMapping', '1', 'Ebs', 'VolumeSize') ?? 8);
  if (size < 8)
    throw new Refusal(
      'InvalidBlockDeviceMapping',
      `Volume of size ${size}GB is smaller than snapshot 'snap-0', expect size >= 8GB`,
    );
  return {
    type,
    imageId: image.imageId,
    subnetId,
    vpcId,
    keyName,
    groupIds: given.length > 0 ? given : ['sg-0default'],
  };
}

export function launch(
  region: Region,
  launch: Launch,
  form: Form,
  body: string,
  request: TestSpotRequest | undefined,
): string {
  const id = newId('i');
  const volumeId = newId('vol');
  const userData = Buffer.from(textAt(form, 'UserData') ?? '', 'base64').toString();
  const spot = request ?? requestSpot(region, form, body, id);
  if (request) request.instanceId = id;
  const instance: TestInstance = {
    ...launch,
    id,
    volumeId,
    userData,
    request: body,
    spotRequestId: spot?.id,
    wantsPublic: textAt(form, 'NetworkInterface', '1', 'AssociatePublicIpAddress') !== 'false',
    ipv6: textAt(form, 'NetworkInterface', '1', 'Ipv6AddressCount') !== undefined,
    tags: tagsFor(form, 'instance'),
    state: 'pending',
    publicAddress: undefined,
    privateAddress: '',
    change: undefined,
    hidden: region.behaviour.hiddenPolls,
  };
  region.instances.set(id, instance);
  region.volumes.set(volumeId, { id: volumeId, tags: tagsFor(form, 'volume'), instanceId: id });
  begin(
    region,
    instance,
    'running',
    region.guests?.boot(id, userData).then((address) => giveAddress(region, instance, address)),
  );
  if (!region.guests) giveAddress(region, instance);
  return id;
}

export function requestSpot(
  region: Region,
  form: Form,
  body: string,
  instanceId: string,
): TestSpotRequest | undefined {
  if (textAt(form, 'InstanceMarketOptions', 'MarketType') !== 'spot') return undefined;
  const options = ['InstanceMarketOptions', 'SpotOptions'] as const;
  const persistent = textAt(form, ...options, 'SpotInstanceType') === 'persistent';
  if (!persistent && textAt(form, ...options, 'InstanceInterruptionBehavior') === 'stop') {
    throw new Refusal('InvalidParameterCombination', 'Stop is not supported for one-time spot instances');
  }
  const request: TestSpotRequest = {
    id: newId('sir'),
    persistent,
    maxPrice: textAt(form, ...options, 'MaxPrice'),
    tags: tagsFor(form, 'spot-instances-request'),
    request: body,
    instanceId,
    state: 'active',
  };
  region.spotRequests.set(request.id, request);
  return request;
}

export function runAnswer(region: Region, id: string): Xml {
  const instance = region.instances.get(id);
  return { reservationId: newId('r'), instancesSet: instance ? [instanceXml(instance)] : [] };
}
