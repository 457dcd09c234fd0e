import {
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  type Ec2,
  type Image,
  unless,
} from './client.js';
import { imageNotFound, notFound } from './errors.js';
import type { Ec2Options } from './options.js';
import type { OperatingSystem } from './spec.js';

export interface ChosenImage {
  readonly id: string;
  readonly rootDevice: string;
}

type Architecture = 'x86_64' | 'arm64';

interface Publisher {
  /** Account, by partition of AWS. */
  owner(region: string): string;
  /** Newest has the last name. */
  readonly names: Readonly<Record<Architecture, string>>;
}

const publishers: Readonly<Record<OperatingSystem, Publisher>> = {
  // https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
  ubuntu: {
    owner: (region) =>
      region.startsWith('cn-')
        ? '837727238323'
        : region.startsWith('us-gov-')
          ? '513442679011'
          : '099720109477',
    names: {
      x86_64: 'ubuntu/images/hvm-ssd*/ubuntu-noble-24.04-amd64-server-*',
      arm64: 'ubuntu/images/hvm-ssd*/ubuntu-noble-24.04-arm64-server-*',
    },
  },
  // https://wiki.debian.org/Cloud/AmazonEC2Image/Bookworm
  debian: {
    owner: () => '136693071363',
    names: { x86_64: 'debian-12-amd64-*', arm64: 'debian-12-arm64-*' },
  },
};

/** The image named, or the newest of the operating system for the instance type. Throws EC2_NOT_FOUND, EC2_IMAGE_NOT_FOUND. */
export async function chooseImage(ec2: Ec2, options: Ec2Options, os: OperatingSystem): Promise<ChosenImage> {
  const architecture = await architectureOf(ec2, options['instance-type']);
  const image =
    options.ami === undefined
      ? await newestImage(ec2, os, architecture)
      : await namedImage(ec2, options.ami, architecture);
  return {
    id: image.ImageId ?? '',
    rootDevice: options['device-name'] ?? image.RootDeviceName ?? '/dev/sda1',
  };
}

async function architectureOf(ec2: Ec2, type: string): Promise<Architecture> {
  // A name that is not one of the provider's enumeration is its error to report, not the compiler's.
  const request = new DescribeInstanceTypesCommand({ InstanceTypes: [type as never] });
  const known = await unless(['InvalidInstanceType', 'InvalidParameterValue'], ec2.send(request));
  const found = known?.InstanceTypes?.[0];
  if (!found) throw notFound('instance-type', type, ec2.region, 'take a type that the region offers');
  return found.ProcessorInfo?.SupportedArchitectures?.includes('arm64') ? 'arm64' : 'x86_64';
}

async function namedImage(ec2: Ec2, id: string, architecture: Architecture): Promise<Image> {
  const absent = ['InvalidAMIID.NotFound', 'InvalidAMIID.Malformed', 'InvalidAMIID.Unavailable'];
  const known = await unless(absent, ec2.send(new DescribeImagesCommand({ ImageIds: [id] })));
  const image = known?.Images?.[0];
  if (!image) throw notFound('ami', id, ec2.region, 'images have another id in each region');
  if (image.Architecture === undefined || image.Architecture === architecture) return image;
  const hint = `take an image for ${architecture}, or another --ec2-instance-type`;
  throw notFound('ami', id, `${ec2.region} for ${architecture}: it is for ${image.Architecture}`, hint);
}

async function newestImage(ec2: Ec2, os: OperatingSystem, architecture: Architecture): Promise<Image> {
  const { owner, names } = publishers[os];
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({
      Owners: [owner(ec2.region)],
      Filters: [
        { Name: 'name', Values: [names[architecture]] },
        { Name: 'architecture', Values: [architecture] },
        { Name: 'root-device-type', Values: ['ebs'] },
        { Name: 'state', Values: ['available'] },
      ],
    }),
  );
  const [newest] = Images.sort((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''));
  if (!newest) throw imageNotFound(os, architecture, ec2.region);
  return newest;
}
