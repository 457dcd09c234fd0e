// What exists in every region of the test's cloud.

export const vpcs = [
  { vpcId: 'vpc-0default', cidrBlock: '172.31.0.0/16', isDefault: true, ipv6: '2001:db8:1::/56' },
  { vpcId: 'vpc-0other', cidrBlock: '10.9.0.0/16', isDefault: false, ipv6: undefined },
] as const;

export const subnets = [
  { subnetId: 'subnet-0c', vpcId: 'vpc-0default', zone: 'c', defaultForAz: true },
  { subnetId: 'subnet-0a', vpcId: 'vpc-0default', zone: 'a', defaultForAz: true },
  { subnetId: 'subnet-0extra', vpcId: 'vpc-0default', zone: 'a', defaultForAz: false },
  { subnetId: 'subnet-0other', vpcId: 'vpc-0other', zone: 'b', defaultForAz: false },
] as const;

export const instanceTypes: Readonly<Record<string, string>> = {
  't3.small': 'x86_64',
  't3.micro': 'x86_64',
  't4g.small': 'arm64',
};

const ubuntu = '099720109477';
const debian = '136693071363';

export const images = [
  image(
    'ami-0old',
    ubuntu,
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20250101',
    'x86_64',
    '2025',
  ),
  image(
    'ami-0new',
    ubuntu,
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260901',
    'x86_64',
    '2026',
  ),
  image(
    'ami-0arm',
    ubuntu,
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260901',
    'arm64',
    '2026',
  ),
  image('ami-0deb', debian, 'debian-12-amd64-20260801-1', 'x86_64', '2026'),
  // Anyone may name an image so: only the owner tells it apart.
  image(
    'ami-0fake',
    '666',
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20991231',
    'x86_64',
    '2099',
  ),
];

function image(imageId: string, ownerId: string, name: string, architecture: string, year: string) {
  const creationDate = `${year}-01-01T00:00:00.000Z`;
  return { imageId, ownerId, name, architecture, creationDate, rootDeviceName: '/dev/sda1' };
}
