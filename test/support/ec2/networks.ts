import { images, instanceTypes, subnets, vpcs } from './catalog.js';
import { matches } from './form.js';
import { textsAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type { Form, Region } from './region.js';

export function describeVpcs(region: Region, form: Form): Xml {
  const ids = textsAt(form, 'VpcId');
  for (const id of ids) {
    if (!vpcs.some(({ vpcId }) => vpcId === id)) {
      throw new Refusal('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
    }
  }
  const known = vpcs.map((vpc) => (region.behaviour.noDefaultVpc ? { ...vpc, isDefault: false } : vpc));
  const found = known
    .filter(({ vpcId }) => ids.length === 0 || ids.includes(vpcId))
    .filter((vpc) => matches(form, { 'is-default': String(vpc.isDefault), 'vpc-id': vpc.vpcId }));
  return {
    vpcSet: found.map(({ ipv6, ...vpc }) => ({
      ...vpc,
      ipv6CidrBlockAssociationSet: ipv6 === undefined ? [] : [{ ipv6CidrBlock: ipv6 }],
    })),
  };
}

export function describeSubnets(region: Region, form: Form): Xml {
  const ids = textsAt(form, 'SubnetId');
  for (const id of ids) subnetOf(id);
  const found = subnets
    .filter(({ subnetId }) => ids.length === 0 || ids.includes(subnetId))
    .map(({ zone, ...subnet }) => ({ ...subnet, availabilityZone: `${region.name}${zone}` }))
    .filter((one) => matches(form, { 'vpc-id': one.vpcId, 'availability-zone': one.availabilityZone }));
  return { subnetSet: found };
}

export function describeInstanceTypes(_region: Region, form: Form): Xml {
  const types = textsAt(form, 'InstanceType');
  return {
    instanceTypeSet: types.map((type) => ({
      instanceType: type,
      processorInfo: { supportedArchitectures: [architectureOf(type)] },
    })),
  };
}

export function describeImages(_region: Region, form: Form): Xml {
  const ids = textsAt(form, 'ImageId');
  const owners = textsAt(form, 'Owner');
  for (const id of ids) imageOf(id);
  const found = images
    .filter(({ imageId }) => ids.length === 0 || ids.includes(imageId))
    .filter(({ ownerId }) => owners.length === 0 || owners.includes(ownerId))
    .filter(({ name, architecture }) =>
      matches(form, { name, architecture, 'root-device-type': 'ebs', state: 'available' }),
    );
  return { imagesSet: found.map(({ ownerId, ...image }) => ({ ...image, imageOwnerId: ownerId })) };
}

export function imageOf(id: string) {
  if (!id.startsWith('ami-'))
    throw new Refusal('InvalidAMIID.Malformed', `Invalid id: "${id}" (expecting "ami-...")`);
  const found = images.find(({ imageId }) => imageId === id);
  if (found) return found;
  throw new Refusal('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

export function subnetOf(id: string) {
  const found = subnets.find(({ subnetId }) => subnetId === id);
  if (found) return found;
  throw new Refusal('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
}

export function architectureOf(type: string): string {
  const found = instanceTypes[type];
  if (found !== undefined) return found;
  throw new Refusal('InvalidInstanceType', `The following supplied instance types do not exist: [${type}]`);
}
