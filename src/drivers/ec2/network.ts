import { DescribeSubnetsCommand, DescribeVpcsCommand, type Ec2, type Subnet, unless } from './client.js';
import { noDefaultVpc, noSubnet, notFound } from './errors.js';
import type { Ec2Options } from './options.js';

export interface Placement {
  readonly vpcId: string;
  /** Networks of the VPC, IPv4 and IPv6. */
  readonly vpcCidrs: readonly string[];
  /** Tried in this order until one has capacity. */
  readonly subnetIds: readonly string[];
}

/** Throws EC2_NOT_FOUND, EC2_NO_DEFAULT_VPC, EC2_NO_SUBNET. */
export async function choosePlacement(ec2: Ec2, options: Ec2Options): Promise<Placement> {
  const subnet = options['subnet-id'];
  if (subnet !== undefined) return inSubnet(ec2, subnet, options['vpc-id']);
  const { vpcId, vpcCidrs } = await findVpc(ec2, options['vpc-id']);
  const subnets = await subnetsOf(ec2, vpcId, zoneName(ec2.region, options.zone));
  return { vpcId, vpcCidrs, subnetIds: subnets.map(({ SubnetId }) => SubnetId ?? '') };
}

/** docker-machine's zones are letters. */
function zoneName(region: string, zone: string | undefined): string | undefined {
  return zone !== undefined && /^[a-z]$/.test(zone) ? `${region}${zone}` : zone;
}

async function inSubnet(ec2: Ec2, id: string, vpc: string | undefined): Promise<Placement> {
  const absent = ['InvalidSubnetID.NotFound', 'InvalidSubnetID.Malformed', 'InvalidSubnetId.Malformed'];
  const known = await unless(absent, ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] })));
  const vpcId = known?.Subnets?.[0]?.VpcId;
  if (vpcId === undefined) throw notFound('subnet-id', id, ec2.region, 'check the id and --ec2-region');
  if (vpc !== undefined && vpc !== vpcId) {
    throw notFound('subnet-id', id, `VPC "${vpc}"`, `it belongs to "${vpcId}": leave --ec2-vpc-id out`);
  }
  return { ...(await findVpc(ec2, vpcId)), subnetIds: [id] };
}

async function findVpc(ec2: Ec2, id: string | undefined): Promise<Omit<Placement, 'subnetIds'>> {
  const request = new DescribeVpcsCommand(
    id === undefined ? { Filters: [{ Name: 'is-default', Values: ['true'] }] } : { VpcIds: [id] },
  );
  const known = await unless(['InvalidVpcID.NotFound', 'InvalidVpcID.Malformed'], ec2.send(request));
  const vpc = known?.Vpcs?.[0];
  if (vpc?.VpcId !== undefined) return { vpcId: vpc.VpcId, vpcCidrs: cidrsOf(vpc) };
  if (id === undefined) throw noDefaultVpc(ec2.region);
  throw notFound('vpc-id', id, ec2.region, 'check the id and --ec2-region');
}

function cidrsOf(vpc: {
  CidrBlock?: string | undefined;
  Ipv6CidrBlockAssociationSet?: { Ipv6CidrBlock?: string | undefined }[] | undefined;
}): readonly string[] {
  const ipv6 = vpc.Ipv6CidrBlockAssociationSet ?? [];
  return [vpc.CidrBlock, ...ipv6.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock)].filter(
    (cidr) => cidr !== undefined,
  );
}

/** The zones' default subnets first. */
async function subnetsOf(ec2: Ec2, vpcId: string, zone: string | undefined): Promise<readonly Subnet[]> {
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        ...(zone === undefined ? [] : [{ Name: 'availability-zone', Values: [zone] }]),
      ],
    }),
  );
  if (Subnets.length === 0) throw noSubnet(vpcId, zone);
  const rank = ({ DefaultForAz, AvailabilityZone }: Subnet) => `${DefaultForAz ? 0 : 1} ${AvailabilityZone}`;
  return Subnets.sort((a, b) => rank(a).localeCompare(rank(b)));
}
