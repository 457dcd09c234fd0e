import { isIP } from 'node:net';
import type { OperationContext } from '../driver.js';
import { driverOptionInvalid } from '../errors.js';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  type Ec2,
  type IpPermission,
  onceKnown,
  type SecurityGroup,
  unless,
} from './client.js';
import { notFound } from './errors.js';
import type { OpenPort } from './spec.js';
import { type Labels, tagSpecifications } from './tags.js';

export interface GroupPlan {
  readonly vpcId: string;
  /** Names or ids of the user's; empty: one of the machine's own, named by its owner tag. */
  readonly named: readonly string[];
  readonly readOnly: boolean;
  readonly labels: Labels;
  readonly ingress: readonly IpPermission[];
}

/** How long what uses a group may take until it is gone: an instance is terminated within minutes. */
const releaseMs = 300_000;

/**
 * The groups' ids, each with the ingress that is needed. A group that is missing is made; where another command makes
 * it at the same time, or adds the same rule, theirs is taken. Throws EC2_NOT_FOUND for a group with an id, or of any
 * name when read-only.
 */
export async function ensureGroups(
  ec2: Ec2,
  plan: GroupPlan,
  { signal }: OperationContext,
): Promise<readonly string[]> {
  const names = plan.named.length > 0 ? plan.named : [plan.labels.ownerTag];
  const ids: string[] = [];
  for (const name of names) {
    const group = (await findGroup(ec2, plan.vpcId, name)) ?? (await makeGroup(ec2, plan, name, signal));
    const id = group.GroupId ?? '';
    if (!plan.readOnly) await addIngress(ec2, id, missingIn(group, plan.ingress), signal);
    ids.push(id);
  }
  return ids;
}

/** For the check before anything is made. Throws EC2_NOT_FOUND. */
export async function checkGroups(
  ec2: Ec2,
  { vpcId, named, readOnly }: Pick<GroupPlan, 'vpcId' | 'named' | 'readOnly'>,
): Promise<void> {
  for (const name of named) {
    if ((await findGroup(ec2, vpcId, name)) || !mustExist(name, readOnly)) continue;
    throw groupMissing(name, vpcId, readOnly);
  }
}

/** Waits until what uses it is gone. Succeeds when it is gone already. */
export async function deleteGroup(ec2: Ec2, id: string, signal: AbortSignal): Promise<void> {
  const remove = () =>
    unless(
      ['InvalidGroup.NotFound', 'InvalidGroupId.Malformed'],
      ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })),
    );
  await onceKnown(['DependencyViolation'], remove, { signal, timeoutMs: releaseMs });
}

/** SSH and the engine for those allowed, the open ports for everyone. */
export function ingressRules(
  ports: readonly number[],
  allowed: readonly string[],
  open: readonly OpenPort[],
  ipv6: boolean,
): readonly IpPermission[] {
  const everyone = ipv6 ? ['0.0.0.0/0', '::/0'] : ['0.0.0.0/0'];
  return [
    ...[...new Set(ports)].map((port) => permission({ port, protocol: 'tcp' }, allowed)),
    ...open.map((port) => permission(port, everyone)),
  ];
}

function permission({ port, protocol }: OpenPort, cidrs: readonly string[]): IpPermission {
  const isIpv6 = (cidr: string) => isIP(cidr.split('/')[0] ?? '') === 6;
  const v4 = cidrs.filter((cidr) => !isIpv6(cidr));
  const v6 = cidrs.filter(isIpv6);
  return {
    IpProtocol: protocol,
    FromPort: port,
    ToPort: port,
    ...(v4.length > 0 && { IpRanges: v4.map((CidrIp) => ({ CidrIp, Description: 'tsmachine' })) }),
    ...(v6.length > 0 && { Ipv6Ranges: v6.map((CidrIpv6) => ({ CidrIpv6, Description: 'tsmachine' })) }),
  };
}

async function findGroup(ec2: Ec2, vpcId: string, name: string): Promise<SecurityGroup | undefined> {
  const Filters = [
    { Name: 'vpc-id', Values: [vpcId] },
    { Name: isId(name) ? 'group-id' : 'group-name', Values: [name] },
  ];
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  return SecurityGroups?.[0];
}

async function makeGroup(
  ec2: Ec2,
  plan: GroupPlan,
  name: string,
  signal: AbortSignal,
): Promise<SecurityGroup> {
  if (mustExist(name, plan.readOnly)) throw groupMissing(name, plan.vpcId, plan.readOnly);
  const made = await unless(
    ['InvalidGroup.Duplicate'],
    ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: name,
        Description: 'made by tsmachine',
        VpcId: plan.vpcId,
        TagSpecifications: tagSpecifications(plan.labels, ['security-group']),
      }),
    ),
  );
  if (made) return { GroupId: made.GroupId };
  // Another command was first; that it is there may be known a little later.
  return onceKnown(
    ['InvalidGroup.NotFound'],
    async () => {
      const group = await findGroup(ec2, plan.vpcId, name);
      if (group) return group;
      throw Object.assign(new Error(`no group "${name}"`), { name: 'InvalidGroup.NotFound', $metadata: {} });
    },
    { signal },
  );
}

async function addIngress(
  ec2: Ec2,
  id: string,
  rules: readonly IpPermission[],
  signal: AbortSignal,
): Promise<void> {
  // One call for each: where one exists already, the provider refuses all that are in the call.
  for (const rule of rules) {
    const add = () =>
      unless(
        ['InvalidPermission.Duplicate'],
        ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: [rule] })),
      );
    await onceKnown(['InvalidGroup.NotFound'], add, { signal });
  }
}

/** One rule for each port and network that the group does not have. */
function missingIn(group: SecurityGroup, wanted: readonly IpPermission[]): readonly IpPermission[] {
  const present = new Set((group.IpPermissions ?? []).flatMap(single).map(keyOf));
  return wanted.flatMap(single).filter((rule) => !present.has(keyOf(rule)));
}

function single({ IpRanges = [], Ipv6Ranges = [], ...port }: IpPermission): readonly IpPermission[] {
  return [
    ...IpRanges.map((range) => ({ ...port, IpRanges: [range] })),
    ...Ipv6Ranges.map((range) => ({ ...port, Ipv6Ranges: [range] })),
  ];
}

function keyOf({ IpProtocol, FromPort, ToPort, IpRanges, Ipv6Ranges }: IpPermission): string {
  const cidr = IpRanges?.[0]?.CidrIp ?? Ipv6Ranges?.[0]?.CidrIpv6;
  return `${IpProtocol} ${FromPort}-${ToPort} ${cidr}`;
}

function mustExist(name: string, readOnly: boolean): boolean {
  return readOnly || isId(name);
}

function groupMissing(name: string, vpcId: string, readOnly: boolean): Error {
  if (name === '') return driverOptionInvalid('ec2-security-group', name, 'is empty');
  const hint = readOnly ? 'make it, or leave --ec2-security-group-readonly out' : 'check the id and the VPC';
  return notFound('security-group', name, `VPC "${vpcId}"`, hint);
}

function isId(name: string): boolean {
  return /^sg-[0-9a-f]+$/.test(name);
}
