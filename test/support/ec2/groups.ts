import { matches, newId, required, tagSet, tagsFor } from './form.js';
import { listAt, type Tree, textAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type { Form, Region } from './region.js';
import type { TestGroup } from './resources.js';
import { poll } from './time.js';

export function createGroup(region: Region, form: Form): Xml {
  const name = required(form, 'GroupName');
  const vpcId = required(form, 'VpcId');
  if (name.startsWith('sg-')) {
    throw new Refusal(
      'InvalidParameterValue',
      'Value (sg-) for parameter GroupName is invalid. Group names may not be in the format sg-*.',
    );
  }
  if ([...region.groups.values()].some((group) => group.name === name && group.vpcId === vpcId)) {
    throw new Refusal(
      'InvalidGroup.Duplicate',
      `The security group '${name}' already exists for VPC '${vpcId}'`,
    );
  }
  const id = newId('sg');
  region.groups.set(id, { id, name, vpcId, tags: tagsFor(form, 'security-group'), rules: new Set() });
  return { groupId: id, return: true };
}

export function describeGroups(region: Region, form: Form): Xml {
  const found = [...region.groups.values()].filter((group) =>
    matches(form, { 'vpc-id': group.vpcId, 'group-name': group.name, 'group-id': group.id }, group.tags),
  );
  return {
    securityGroupInfo: found.map(({ id, name, vpcId, tags, rules }) => ({
      groupId: id,
      groupName: name,
      vpcId,
      tagSet: tagSet(tags),
      ipPermissions: [...rules].map(permissionXml),
    })),
  };
}

export function authorize(region: Region, form: Form): Xml {
  const group = groupOrRefuse(region, required(form, 'GroupId'));
  const rules = listAt(form, 'IpPermissions').flatMap(rulesOf);
  if (rules.length === 0)
    throw new Refusal('MissingParameter', 'Either ipPermissions or the old-style parameters are required');
  for (const rule of rules) {
    if (group.rules.has(rule)) {
      throw new Refusal('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`);
    }
  }
  for (const rule of rules) group.rules.add(rule);
  return { return: true };
}

export function deleteGroup(region: Region, form: Form): Xml {
  const { id } = groupOrRefuse(region, required(form, 'GroupId'));
  const users = [...region.instances.values()].filter(
    ({ state, groupIds }) => state !== 'terminated' && groupIds.includes(id),
  );
  // Time passes for instances that nobody asks for, too.
  for (const user of users) poll(region, user);
  if (users.length > 0) throw new Refusal('DependencyViolation', `resource ${id} has a dependent object`);
  region.groups.delete(id);
  return { return: true };
}

export function groupOrRefuse(region: Region, id: string): TestGroup {
  const found = region.groups.get(id);
  if (found) return found;
  if (!/^sg-[0-9a-z]+$/.test(id))
    throw new Refusal('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`);
  throw new Refusal('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
}

export function rulesOf(permission: Tree): readonly string[] {
  const from = textAt(permission, 'FromPort');
  const begin = `${textAt(permission, 'IpProtocol')} ${from}-${textAt(permission, 'ToPort')}`;
  const v4 = listAt(permission, 'IpRanges').map((range) => textAt(range, 'CidrIp'));
  const v6 = listAt(permission, 'Ipv6Ranges').map((range) => textAt(range, 'CidrIpv6'));
  for (const cidr of v4) {
    if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(cidr ?? ''))
      throw new Refusal('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
  }
  return [...v4, ...v6].map((cidr) => `${begin} ${cidr}`);
}

export function permissionXml(rule: string): Xml {
  const [ipProtocol = '', ports = '', cidr = ''] = rule.split(' ');
  const [fromPort = '', toPort = ''] = ports.split('-');
  const ranges = cidr.includes(':') ? { ipv6Ranges: [{ cidrIpv6: cidr }] } : { ipRanges: [{ cidrIp: cidr }] };
  return { ipProtocol, fromPort, toPort, ...ranges };
}
