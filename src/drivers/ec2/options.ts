import type { DriverOption, DriverOptions, OptionValues } from '../options.js';

const account = {
  'access-key': {
    type: 'string',
    secret: true,
    description: "access key id. Default: the SDK's chain (AWS_ACCESS_KEY_ID, profiles, SSO, roles)",
  },
  'secret-key': { type: 'string', secret: true, description: 'secret access key, with the access key' },
  'session-token': { type: 'string', secret: true, description: 'session token of temporary credentials' },
  profile: { type: 'string', description: 'profile of ~/.aws that gives credentials and region' },
  region: {
    type: 'string',
    description: "region (default: the profile's, else us-east-1)",
    env: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  },
  endpoint: {
    type: 'string',
    description: 'host or URL of a compatible cloud',
    env: ['AWS_ENDPOINT_URL_EC2', 'AWS_ENDPOINT'],
  },
  'insecure-transport': {
    type: 'boolean',
    description: 'speak HTTP to the endpoint',
    env: ['AWS_INSECURE_TRANSPORT'],
  },
  retries: { type: 'integer', default: 5, description: 'retries of a call that failed; -1 for none' },
} as const satisfies DriverOptions;

const image = {
  ami: { type: 'string', description: 'image (default: the newest of --ec2-os)', env: ['AWS_AMI'] },
  os: { type: 'string', default: 'ubuntu', description: 'image to look up: ubuntu (24.04) or debian (12)' },
  'instance-type': {
    type: 'string',
    default: 't3.small',
    description: 'instance type; it decides the architecture (t4g.small: arm64)',
    env: ['AWS_INSTANCE_TYPE'],
  },
  userdata: {
    type: 'string',
    description: 'file of user data, sent beside our own',
    env: ['AWS_USERDATA'],
  },
  'iam-instance-profile': {
    type: 'string',
    description: 'name or ARN of the instance profile',
    env: ['AWS_INSTANCE_PROFILE'],
  },
  monitoring: { type: 'boolean', description: 'detailed monitoring' },
  'use-ebs-optimized-instance': { type: 'boolean', description: 'EBS-optimized instance' },
  tags: {
    type: 'string',
    description: 'tags of all that is made: key,value,key,value or key=value,key=value',
    env: ['AWS_TAGS'],
  },
  'metadata-token': {
    type: 'string',
    default: 'required',
    description: 'session tokens of the metadata service (IMDSv2): required or optional',
  },
  'metadata-token-response-hop-limit': {
    type: 'integer',
    default: 1,
    description: 'hops that an answer of the metadata service may make; 2 lets containers have it',
  },
} as const satisfies DriverOptions;

const disk = {
  'device-name': {
    type: 'string',
    description: "root device (default: the image's)",
    env: ['AWS_DEVICE_NAME'],
  },
  'root-size': { type: 'integer', default: 16, description: 'root volume in GiB', env: ['AWS_ROOT_SIZE'] },
  'volume-type': {
    type: 'string',
    default: 'gp3',
    description: 'type of the root volume',
    env: ['AWS_VOLUME_TYPE'],
  },
  'volume-iops': { type: 'integer', description: 'IOPS of a gp3, io1 or io2 volume' },
  'volume-throughput': { type: 'integer', description: 'throughput of a gp3 volume in MiB/s' },
  'volume-encrypted': { type: 'boolean', description: 'encrypt the root volume' },
  'volume-kms-key': { type: 'string', description: 'KMS key to encrypt it with' },
} as const satisfies DriverOptions;

const network = {
  zone: {
    type: 'string',
    description: 'availability zone, as letter or name (default: one that has capacity)',
    env: ['AWS_ZONE'],
  },
  'vpc-id': { type: 'string', description: 'VPC (default: the default VPC)', env: ['AWS_VPC_ID'] },
  'subnet-id': {
    type: 'string',
    description: "subnet (default: the zone's default subnet)",
    env: ['AWS_SUBNET_ID'],
  },
  'security-group': {
    type: 'list',
    description: "name or id of a group; made if missing (default: one of the machine's own)",
    env: ['AWS_SECURITY_GROUP'],
  },
  'security-group-readonly': {
    type: 'boolean',
    description: 'neither make nor change the named groups',
    env: ['AWS_SECURITY_GROUP_READONLY'],
  },
  'allow-cidr': {
    type: 'list',
    description: 'network that may reach SSH and the engine (default: your own public address)',
  },
  'caller-address-url': {
    type: 'string',
    default: 'https://checkip.amazonaws.com',
    description: 'service that answers your public address',
  },
  'open-port': { type: 'list', description: 'port, or port/protocol, to open to everyone' },
  'private-address-only': { type: 'boolean', description: 'no public address' },
  'use-private-address': { type: 'boolean', description: 'use the private address' },
  ipv6: { type: 'boolean', description: 'an IPv6 address too' },
  'use-ipv6-address': { type: 'boolean', description: 'use the IPv6 address' },
} as const satisfies DriverOptions;

const login = {
  'ssh-user': {
    type: 'string',
    description: 'user to log in as (default: ubuntu; admin on Debian)',
    env: ['AWS_SSH_USER'],
  },
  'ssh-port': { type: 'integer', default: 22, description: 'port of the SSH server', env: ['AWS_SSH_PORT'] },
  'ssh-keypath': {
    type: 'string',
    description: 'private key file, copied into the store (default: a new key)',
    env: ['AWS_SSH_KEYPATH'],
  },
  'keypair-name': {
    type: 'string',
    description: 'key pair of the provider that belongs to --ec2-ssh-keypath',
    env: ['AWS_KEYPAIR_NAME'],
  },
} as const satisfies DriverOptions;

const spot = {
  'request-spot-instance': { type: 'boolean', description: 'a spot instance' },
  'spot-price': {
    type: 'string',
    description: 'most that it may cost an hour in US dollars (default: the on-demand price)',
  },
  'block-duration-minutes': {
    type: 'integer',
    description: 'withdrawn by AWS, and refused',
  },
} as const satisfies DriverOptions;

export const ec2Options = named({ ...account, ...image, ...disk, ...network, ...login, ...spot });

export type Ec2Options = OptionValues<typeof ec2Options>;

/** Each also under its name in docker-machine's driver amazonec2, and in the environment. */
function named<const S extends DriverOptions>(options: S): S {
  const entries = Object.entries(options).map(([key, option]): [string, DriverOption] => {
    const aliases = [`amazonec2-${key}`];
    // Secrets of the environment stay there: the SDK looks for them itself.
    if (option.secret) return [key, { ...option, aliases }];
    const own = `TSMACHINE_EC2_${key.toUpperCase().replaceAll('-', '_')}`;
    return [key, { ...option, aliases, env: [own, ...(option.env ?? [])] }];
  });
  // The same keys with the same types and defaults.
  return Object.fromEntries(entries) as S;
}
